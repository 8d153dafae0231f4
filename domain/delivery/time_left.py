"""Time left: how long a rollout takes to its end if its evidence holds, as a sentence for an operator."""

from datetime import datetime
from functools import lru_cache

from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.rollout_transitions import duration

# The times of a plan take 30 ms, and change when the second digit of the rate does.
MAX_CACHED_PLANS = 16


def time_left(rollout: Rollout, now: datetime) -> str:
    """Return the sentence; empty while the rollout is held or aborted, or before any request was compared."""
    seconds = (now - rollout.started_at).total_seconds()
    if rollout.held or rollout.phase is Phase.ABORTING or not rollout.counts.pairs or seconds <= 0:
        return ""
    expected = _expected_seconds(rollout.plan, float(f"{rollout.counts.pairs / seconds:.1e}"))
    if max(expected[rollout.stage : -1], default=0.0) > rollout.plan.max_step_seconds:
        longest = duration(rollout.plan.max_step_seconds)
        return f"With so few requests, a stage takes longer than {longest}, after which the rollout is held."
    spent = 0.0 if rollout.phase is Phase.PROMOTING else (now - rollout.entered_at).total_seconds()
    stage = rollout.plan.watch if rollout.phase is Phase.PROMOTING else rollout.stage
    left = max(expected[stage] - spent, 0.0) + sum(expected[stage + 1 :])
    return f"If the evidence holds, the rollout ends in {duration(left)}."


@lru_cache(MAX_CACHED_PLANS)
def _expected_seconds(plan: RolloutPlan, pairs_per_second: float) -> tuple[float, ...]:
    return plan.expected_seconds(pairs_per_second)
