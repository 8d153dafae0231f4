"""Rollout plan: the steps of a rollout, the time and evidence that each needs, its limits and its error rates."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from domain.delivery.counts import RolloutCounts
from domain.delivery.measures import bad_answers, differing_pairs, discordant_pairs, squared_errors
from domain.delivery.plan_ranges import (
    MOST_ERROR_INCREASE,
    MOST_FAILURES,
    MOST_SLOW,
    RANGES,
    Truth,
    require_in_range,
    require_step_seconds,
    require_steps,
    require_truth,
)
from domain.delivery.stage_tests import RolloutTest
from domain.errors import InvalidParameter

EVERYONE = 10_000
"""Weight of all requests, in hundredths of a percent."""

# The probability of a false abort is divided among these: failures, slow evaluations, differences, error and answers.
TESTS = 5
# Steps from this weight in percent on take longer, unless the plan names the seconds.
LATE_WEIGHT, EARLY_SECONDS, LATE_SECONDS = 25, 600.0, 900.0


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """Decisions of an operator before a rollout starts.

    Stage 0 is the shadow, stages 1 to `len(steps)` are the steps, and the stage after them is the watch.

    Parameters
    ----------
    steps : tuple of float
        Weights in percent of requests, rising, below 100; 100 is the promotion.
    shadow_seconds, watch_seconds : float
        Seconds before the first step, at least, and after the promotion.
    step_seconds : tuple of float
        Seconds in each step, at least; one number is for all steps. By default, 600 below 25 % and 900 from there on.
    min_answers : int
        Answers of the candidate in each step, and pairs in the shadow, at least.
    max_failures, max_slow : float
        Share of all requests that the candidate may harm in each step: by failures, and by slowness.
    max_differences : float
        Share of pairs whose predictions differ by more than half of the baseline's hold-out RMSE.
    max_error_increase : float
        Increase of the mean squared error, as a share of the baseline's hold-out MSE.
    truth : {'off', 'used', 'required'}
        Labels are ignored, may fail the candidate, or must also pass it.
    false_abort, false_promotion : float
        Probability that a rollout aborts a candidate that is no worse, or promotes one at a limit, at most.
    slow_ms, answer_ms : float
        Milliseconds of an evaluation, and of an answer, that are not slow.
    max_step_seconds : float
        Seconds in a stage after which a rollout without sufficient evidence is held.
    max_held_seconds : float
        Seconds after which a held rollout is aborted.
    ttl_seconds : float
        Seconds without a beat of the controller after which hosts give the candidate no requests.

    Raises
    ------
    InvalidParameter
        If a value is out of its range.
    """

    steps: tuple[float, ...] = (1, 5, 10, 25, 50)
    shadow_seconds: float = 600
    step_seconds: tuple[float, ...] = ()
    watch_seconds: float = 1800
    min_answers: int = 100
    max_failures: float = 0.005
    max_slow: float = 0.02
    max_differences: float = 0.05
    max_error_increase: float = 0.05
    truth: Truth = "used"
    false_abort: float = 0.05
    false_promotion: float = 0.05
    slow_ms: float = 5.0
    answer_ms: float = 100.0
    max_step_seconds: float = 6 * 3600
    max_held_seconds: float = 24 * 3600
    ttl_seconds: float = 60

    def __post_init__(self) -> None:
        require_steps(self.steps)
        require_truth(self.truth)
        for name in RANGES:
            require_in_range(name, getattr(self, name))
        object.__setattr__(self, "step_seconds", self._seconds_of_each_step())
        require_step_seconds(self.step_seconds, self.steps)
        longest = max(self.shadow_seconds, *self.step_seconds)
        if self.max_step_seconds < longest:
            raise InvalidParameter("max_step_seconds", self.max_step_seconds, f"at least {longest:g}, as a stage takes")

    @property
    def watch(self) -> int:
        """The stage after the promotion."""
        return len(self.steps) + 1

    def weight(self, stage: int) -> int:
        """Return the weight of the candidate in a stage, in hundredths of a percent."""
        if stage == 0:
            return 0
        return EVERYONE if stage >= self.watch else round(self.steps[stage - 1] * 100)

    def next_weight(self, stage: int) -> int:
        """Return the weight of the stage after this one."""
        return self.weight(stage + 1)

    def least_seconds(self, stage: int) -> float:
        """Return the seconds that a stage takes, at least."""
        return (self.shadow_seconds, *self.step_seconds, self.watch_seconds)[stage]

    def tests(self, stage: int) -> tuple[RolloutTest, ...]:
        """Return the tests of a stage; their limits are those of the next weight."""
        harm, enough = math.log(TESTS / self.false_abort), math.log(1 / self.false_promotion)

        def limit(most: float, budget: float) -> float:
            return min(most, budget * EVERYONE / self.next_weight(stage))

        failures = discordant_pairs("failed_candidate", "failed_baseline", _prior(self.max_failures))
        slow = discordant_pairs("slow_candidate", "slow_baseline", _prior(self.max_slow))
        differing = differing_pairs(self.max_differences, _prior(self.max_differences))
        tests = [
            RolloutTest("failures", failures, harm, enough, limit(MOST_FAILURES, self.max_failures)),
            RolloutTest("slow evaluations", slow, harm, enough, limit(MOST_SLOW, self.max_slow)),
            RolloutTest("differences", differing, harm, enough, self.max_differences),
        ]
        if self.truth != "off":
            most = limit(MOST_ERROR_INCREASE, self.max_error_increase) if self.truth == "required" else None
            tests.append(RolloutTest("error", squared_errors(), harm, enough, most))
        if 0 < stage < self.watch:
            answers = bad_answers(self.weight(stage) / EVERYONE)
            in_each_step, most = harm + math.log(len(self.steps)), limit(MOST_SLOW, self.max_slow)
            tests.append(RolloutTest("answers", answers, in_each_step, enough, most, by_stage=True))
        return tuple(tests)

    def expected_seconds(self, requests_per_second: float) -> tuple[float, ...]:
        """Return the seconds of each stage if the candidate shows no harm at all; labels are not waited for.

        Raises
        ------
        InvalidParameter
            If `requests_per_second` is not above 0.
        """
        if not requests_per_second > 0:
            raise InvalidParameter("requests_per_second", requests_per_second, "a number above 0")
        seconds: list[float] = []
        for stage in range(self.watch):
            pairs = RolloutCounts(pairs=int(sum(seconds) * requests_per_second))
            answers_per_second = requests_per_second * (self.weight(stage) or EVERYONE) / EVERYONE
            waits = [self.least_seconds(stage), self.min_answers / answers_per_second]
            for test in self.tests(stage):
                if test.by_stage:
                    waits.append((test.needed(RolloutCounts()) or 0) / answers_per_second)
                elif test.measure.unit == "pairs":
                    waits.append((test.needed(pairs) or 0) / requests_per_second)
            seconds.append(max(waits))
        return (*seconds, self.watch_seconds)

    def to_values(self) -> dict[str, Any]:
        """Return the options by name, as plain values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Self:
        """Return the plan with some options by name; the others have their defaults.

        Raises
        ------
        InvalidParameter
            If a name is unknown, or a value has another type or is out of its range.
        """
        names = [field.name for field in fields(cls)]
        for name in values:
            if name not in names:
                raise InvalidParameter("the option", name, f"one of {', '.join(names)}")
        options: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**options)

    def _seconds_of_each_step(self) -> tuple[float, ...]:
        if self.step_seconds == ():
            return tuple(LATE_SECONDS if step >= LATE_WEIGHT else EARLY_SECONDS for step in self.steps)
        if isinstance(self.step_seconds, tuple) and len(self.step_seconds) == 1:
            return self.step_seconds * len(self.steps)
        return self.step_seconds


def _prior(limit: float) -> int:
    """Return b of the prior Beta(1, b) of a share whose limit is `limit`."""
    return round(1 / limit)
