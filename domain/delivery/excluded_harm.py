"""Excluded harm: how much harm of a candidate the counts of a rollout still permit, to show beside the limit."""

from collections.abc import Mapping

from domain.delivery.counts import RolloutCounts
from domain.delivery.rollout import Rollout
from domain.delivery.stage_tests import RolloutTest

# The bound is searched from an eighth of the limit to eight times the limit, in steps that halve a factor of 64.
FACTOR, STEPS = 8.0, 8
MAX_HARM = 0.999


def excluded_harms(rollout: Rollout) -> Mapping[str, float | None]:
    """Return, for each test of the stage with a limit, the harm above which the evidence excludes all harm.

    It is below the limit if and only if the test passes for the next weight, or fails because the candidate is worse
    all the same. None stands for no bound up to eight times the limit.
    """
    counts, stage_counts = rollout.counts, rollout.counts - rollout.stage_base
    tests = [test for test in rollout.plan.tests(rollout.stage) if test.limit is not None]
    if rollout.is_after_promotion:
        return {}
    return {
        test.name: _excluded(test, test.limit or MAX_HARM, stage_counts if test.by_stage else counts) for test in tests
    }


def _excluded(test: RolloutTest, limit: float, counts: RolloutCounts) -> float | None:
    low, high = limit / FACTOR, min(limit * FACTOR, MAX_HARM)
    if not _is_excluded(test, counts, high):
        return None
    # The limit itself is tried, so that the bound agrees with the verdict.
    low, high = (low, limit) if _is_excluded(test, counts, limit) else (limit, high)
    for _ in range(STEPS):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if _is_excluded(test, counts, middle) else (middle, high)
    return high


def _is_excluded(test: RolloutTest, counts: RolloutCounts, harm: float) -> bool:
    return bool(test.measure.good_enough(counts, harm) >= test.pass_level)
