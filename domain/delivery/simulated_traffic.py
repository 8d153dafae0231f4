"""Simulated traffic: draws what many runs of a rollout count in one tick, at the rates of a scenario."""

from typing import Any

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.delivery.counts import TRUTH_POINTS, RolloutCounts
from domain.delivery.scenarios import Scenario

Integers = npt.NDArray[np.int64]

LABEL_DELAY_SECONDS = 600
# An incident takes this long; after the same time, other clients send the requests, at multiples of the rates.
PERIOD_SECONDS = 600


class SimulatedTraffic:
    """Requests of `runs` rollouts, drawn tick by tick.

    Parameters
    ----------
    scenario : Scenario
    requests_per_tick : float
        On average; the number of each tick has a Poisson distribution.
    tick_seconds : float
    runs : int
    steps : int
        Steps of the plan.
    random : numpy.random.Generator
    """

    def __init__(
        self,
        scenario: Scenario,
        requests_per_tick: float,
        tick_seconds: float,
        runs: int,
        steps: int,
        random: "np.random.Generator",
    ) -> None:
        self._scenario, self._requests, self._random = scenario, requests_per_tick, random
        self._points = scenario.point_shares()
        self._awaiting = np.zeros((max(1, round(LABEL_DELAY_SECONDS / tick_seconds)), runs), dtype=np.int64)
        self._period = max(1, round(PERIOD_SECONDS / tick_seconds))
        self._incident_stage = random.integers(max(1, steps - 1), steps + 1, runs)
        self._incident_at = random.integers(0, PERIOD_SECONDS // 2, runs)
        self._multiples = np.ones(runs)
        self._tick = 0

    def draw(self, running: Integers, weights: FloatArray, stages: Integers, seconds: FloatArray) -> RolloutCounts:
        """Return the counts of a tick of the runs `running`, as arrays with one element for each.

        `weights` are shares of the requests that the candidate answers; `seconds` are those since the stage began.
        """
        scenario, random = self._scenario, self._random
        if scenario.clients_differ and self._tick % self._period == 0:
            self._multiples = random.gamma(0.5, 2.0, len(self._multiples))
        requests = random.poisson(self._requests, len(running))
        candidate = random.binomial(requests, weights)
        baseline = requests - candidate
        multiple = self._multiples[running] if scenario.clients_differ else 1.0
        since = seconds - self._incident_at[running]
        is_incident = (stages == self._incident_stage[running]) & (since >= 0) & (since < PERIOD_SECONDS)
        extra = scenario.incident * is_incident if scenario.incident else 0.0

        def of(number: Integers, rate: float | FloatArray) -> Any:
            return random.binomial(number, np.minimum(rate, 1.0))

        counts: dict[str, Any] = {
            "pairs": requests,
            "failed_baseline": of(requests, multiple * scenario.failed_baseline),
            "failed_candidate": of(requests, multiple * scenario.failed_candidate),
            "slow_baseline": of(requests, multiple * scenario.slow_baseline),
            "slow_candidate": of(requests, multiple * scenario.slow_candidate),
            "differences": of(requests, scenario.differing),
            "squared_errors": self._labels(running, requests),
            "answers_baseline": baseline,
            "bad_baseline": of(baseline, multiple * (scenario.late_baseline + scenario.failed_baseline) + extra),
            "answers_candidate": candidate,
            "bad_candidate": of(candidate, multiple * (scenario.late_candidate + scenario.failed_candidate) + extra),
        }
        self._tick += 1
        return RolloutCounts(**counts)

    def _labels(self, running: Integers, requests: Integers) -> Integers:
        """Return the labels that arrive, by point of the grid and run, shape (33, m)."""
        if not self._scenario.labels:
            return np.zeros((TRUTH_POINTS, len(running)), dtype=np.int64)
        slot = self._awaiting[self._tick % len(self._awaiting)]
        arriving = slot[running]
        slot[running] = self._random.binomial(requests, self._scenario.labels)
        return self._random.multinomial(arriving, self._points).T
