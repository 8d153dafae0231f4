"""Analysis of a rollout: the verdict of its counts in a stage, with the numbers that it rests on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from domain.delivery.counts import RolloutCounts
from domain.delivery.plan import EVERYONE, RolloutPlan
from domain.delivery.stage_tests import RolloutTest

# Evidence beyond e to this power is shown as that.
MAX_LOG = 20.0
# Results that a sentence has, at most, so that a state can keep it.
MAX_NAMED = 3


class Verdict(StrEnum):
    """Outcome of a test, or of all tests of a stage."""

    PASS = "pass"  # noqa: S105  # a verdict, and no password
    """The evidence suffices for the next weight."""
    FAIL = "fail"
    """The candidate is worse."""
    INCONCLUSIVE = "inconclusive"
    """There is not sufficient evidence for either."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """Outcome of one test.

    Parameters
    ----------
    name : str
    verdict : Verdict
    counts : mapping of str to float
        The numbers that the test read.
    limit : float or None
        Harm below which it passes; None if it may only fail.
    log_harm, log_pass : float
        Evidence so far, as natural logarithms of e-values.
    needed : int or None
        About how many more observations it needs to pass, at the rates so far; None if these do not pass.
    unit : str
        Name of the observations: pairs, labels or answers.
    """

    name: str
    verdict: Verdict
    counts: Mapping[str, float]
    limit: float | None
    log_harm: float
    log_pass: float
    needed: int | None
    unit: str

    def __str__(self) -> str:
        numbers = ", ".join(f"{_named(name)} {number:,}" for name, number in self.counts.items()).replace(", of", " of")
        if self.verdict is Verdict.FAIL:
            return f"{self.name} ({numbers}; evidence of harm {math.exp(min(self.log_harm, MAX_LOG)):,.0f} : 1)"
        limit = f"{self.name} ({numbers}; limit {100 * (self.limit or 0):.3g} %)"
        if self.verdict is Verdict.PASS:
            return limit
        return f"{limit}: about {self.needed:,} more {self.unit}" if self.needed else f"{limit}: too many so far"


@dataclass(frozen=True, slots=True)
class Analysis:
    """Results of all tests, and the verdict of the stage.

    Parameters
    ----------
    results : tuple of TestResult
    verdict : Verdict
        It fails if a test fails, and passes if all tests pass that have a limit.
    why : str
        The verdict as a sentence with numbers.
    """

    results: tuple[TestResult, ...]
    verdict: Verdict
    why: str

    def to_values(self) -> dict[str, Any]:
        """Return the analysis as plain values."""
        return {**asdict(self), "results": list(map(asdict, self.results))}


def analyze(counts: RolloutCounts, stage_counts: RolloutCounts, plan: RolloutPlan, stage: int) -> Analysis:
    """Return the verdict of a stage.

    Parameters
    ----------
    counts : RolloutCounts
        Since the rollout started.
    stage_counts : RolloutCounts
        Since the stage began.
    plan : RolloutPlan
    stage : int
        0 for the shadow, then the steps, then the watch.
    """
    tests = (_without_limit(test, stage_counts) if test.by_stage else test for test in plan.tests(stage))
    results = tuple(_result(test, stage_counts if test.by_stage else counts) for test in tests)
    failed = [result for result in results if result.verdict is Verdict.FAIL]
    required = [result for result in results if result.limit is not None]
    waiting = [result for result in required if result.verdict is not Verdict.PASS]
    next_weight = f"{100 * plan.next_weight(stage) / EVERYONE:g} % of requests"
    if failed:
        return Analysis(results, Verdict.FAIL, f"The challenger is worse: {_joined(failed)}.")
    if waiting:
        return Analysis(
            results, Verdict.INCONCLUSIVE, f"The evidence for {next_weight} is not sufficient: {_joined(waiting)}."
        )
    return Analysis(results, Verdict.PASS, f"All tests pass for {next_weight}: {_joined(required)}.")


def _without_limit(test: RolloutTest, stage_counts: RolloutCounts) -> RolloutTest:
    """Return the test of answers; it may only fail if clients choose most of the candidate's answers by entity ids.

    Clients differ, so that answers by entity are no fair comparison, and too few others may be left for one.
    """
    is_by_entity = stage_counts.entity_answers > stage_counts.answers_candidate
    return replace(test, limit=None) if is_by_entity else test


def _result(test: RolloutTest, counts: RolloutCounts) -> TestResult:
    harm = float(test.measure.harm(counts))
    passing = 0.0 if test.limit is None else float(test.measure.good_enough(counts, test.limit))
    verdict = Verdict.INCONCLUSIVE
    if harm >= test.harm_level:
        verdict = Verdict.FAIL
    elif test.limit is not None and passing >= test.pass_level:
        verdict = Verdict.PASS
    facts, needed = test.measure.facts(counts), test.needed(counts)
    return TestResult(
        test.name, verdict, facts, test.limit, round(harm, 4), round(passing, 4), needed, test.measure.unit
    )


def _named(count: str) -> str:
    """Return the name of a count under which pages and messages have the versions."""
    return count.replace("candidate", "challenger").replace("baseline", "champion")


def _joined(results: Sequence[TestResult]) -> str:
    more = len(results) - MAX_NAMED
    return "; ".join(map(str, results[:MAX_NAMED])) + (f"; and {more} more" if more > 0 else "")
