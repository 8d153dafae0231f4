"""Time left: how long a rollout takes to its end if its evidence holds, as a sentence for an operator."""

from datetime import datetime
from functools import lru_cache

from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.rollout_transitions import duration
from domain.delivery.transition import Move

# The times of a plan take 30 ms, and change when the second digit of the rate does.
MAX_CACHED_PLANS = 16
# Of comparisons, after which their rate is known: a controller reads the counts every 10 s.
LEAST_SECONDS = 30.0
# Seconds from which on a time is shown by the step in seconds that follows.
ROUNDED = ((7200, 1800), (120, 60), (0, 10))


def time_left(rollout: Rollout, now: datetime) -> str:
    """Return the sentence; empty while the rollout is held or aborted, and before the rate of requests is known."""
    seconds = (now - _compared_since(rollout)).total_seconds()
    if rollout.held or rollout.phase is Phase.ABORTING or not rollout.counts.pairs or seconds < LEAST_SECONDS:
        return ""
    expected = _expected_seconds(rollout.plan, float(f"{rollout.counts.pairs / seconds:.1e}"))
    if max(expected[rollout.stage : -1], default=0.0) > rollout.plan.max_step_seconds:
        longest = duration(rollout.plan.max_step_seconds)
        return f"With so few requests, a stage takes longer than {longest}, after which the rollout is held."
    spent = 0.0 if rollout.phase is Phase.PROMOTING else (now - rollout.entered_at).total_seconds()
    stage = rollout.plan.watch if rollout.phase is Phase.PROMOTING else rollout.stage
    left = max(expected[stage] - spent, 0.0) + sum(expected[stage + 1 :])
    return f"If the evidence holds, the rollout ends in about {_rounded(left)}."


def _compared_since(rollout: Rollout) -> datetime:
    """Return when the shadow began: in the preflight, nothing is compared."""
    return next((each.at for each in rollout.transitions if each.move is Move.SHADOW), rollout.started_at)


def _rounded(seconds: float) -> str:
    step = next(step for least, step in ROUNDED if seconds >= least)
    return duration(max(round(seconds / step), 1) * step)


@lru_cache(MAX_CACHED_PLANS)
def _expected_seconds(plan: RolloutPlan, pairs_per_second: float) -> tuple[float, ...]:
    return plan.expected_seconds(pairs_per_second)
