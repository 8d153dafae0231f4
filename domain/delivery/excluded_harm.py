"""Excluded harm: how much harm of a candidate the counts of a rollout still permit, to show beside the limit."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from domain.delivery.counts import RolloutCounts
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Rollout
from domain.delivery.stage_tests import RolloutTest

# The bound is one of these multiples of the limit, which is in their middle, so that the bound agrees with the verdict.
MULTIPLES = 8.0 ** np.linspace(-1.0, 1.0, 129)
MAX_HARM = 0.999


def excluded_harms(rollout: Rollout) -> Mapping[str, float | None]:
    """Return, for each test of the stage with a limit, the harm above which the evidence excludes all harm.

    It is below the limit if and only if the test passes for the next weight, or fails because the candidate is worse
    all the same. None stands for no bound up to eight times the limit.
    """
    if rollout.is_after_promotion:
        return {}
    return _of_counts(rollout.plan, rollout.stage, rollout.counts, rollout.counts - rollout.stage_base)


# The counts of a rollout change with each analysis of its controller, and all visitors see the same.
@lru_cache(1)
def _of_counts(
    plan: RolloutPlan, stage: int, counts: RolloutCounts, stage_counts: RolloutCounts
) -> Mapping[str, float | None]:
    return {
        test.name: _excluded(test, test.limit, stage_counts if test.by_stage else counts)
        for test in plan.tests(stage)
        if test.limit is not None
    }


def _excluded(test: RolloutTest, limit: float, counts: RolloutCounts) -> float | None:
    harms = np.minimum(limit * MULTIPLES, MAX_HARM)
    permitted = np.flatnonzero(test.measure.good_enough(counts, harms) < test.pass_level)
    place = permitted[-1] + 1 if len(permitted) else 0
    return float(harms[place]) if place < len(harms) else None
