from dataclasses import replace
from datetime import timedelta

from domain.delivery.counts import RolloutCounts
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase
from domain.delivery.time_left import time_left
from domain.delivery.transition import Move, Transition
from tests.support.rollouts import STARTED, a_rollout

MINUTES_5 = STARTED + timedelta(minutes=5)
SHADOW = replace(a_rollout(), phase=Phase.SHADOW, counts=RolloutCounts(pairs=300_000))
WATCH = replace(SHADOW, phase=Phase.WATCH, stage=6)


def test_time_left_is_that_of_the_stages_that_follow():
    # The plan: 600 s shadow; 600, 600, 600, 900, 900 s steps; 1,800 s watch.
    for rollout, seconds in (
        (SHADOW, 6000 - 300),
        (replace(SHADOW, phase=Phase.CANARY, stage=3), 4200 - 300),
        (replace(SHADOW, phase=Phase.PROMOTING, stage=5), 1800),
        (WATCH, 1800 - 300),
        (replace(WATCH, entered_at=STARTED - timedelta(hours=1)), 0),
    ):
        words = f"{seconds / 60:.3g} min" if seconds else "10 s"
        assert time_left(rollout, MINUTES_5) == f"If the evidence holds, the rollout ends in about {words}."


def test_rate_is_that_since_the_shadow_began_and_the_time_is_rounded():
    plan = RolloutPlan(steps=(50,), shadow_seconds=60, step_seconds=(61,), watch_seconds=62)
    began = Transition(STARTED + timedelta(minutes=4), Move.SHADOW)
    pairs = RolloutCounts(pairs=60 * 1000)
    shadow = replace(SHADOW, plan=plan, counts=pairs, entered_at=began.at, transitions=(began,))

    assert time_left(shadow, began.at + timedelta(seconds=29)) == ""
    assert time_left(shadow, MINUTES_5).endswith("ends in about 2 min.")
    long = replace(shadow, plan=replace(plan, watch_seconds=20_000))
    assert time_left(long, MINUTES_5).endswith("ends in about 5.5 h.")


def test_time_left_is_unknown_without_traffic_and_too_long_with_little():
    for rollout in (a_rollout(), replace(SHADOW, held="kim asked."), replace(SHADOW, phase=Phase.ABORTING)):
        assert time_left(rollout, MINUTES_5) == ""
    few = replace(SHADOW, counts=RolloutCounts(pairs=1))
    assert time_left(few, MINUTES_5).startswith("With so few requests, a stage takes longer than 6 h")
