"""Rollout transitions: stages are named as an operator counts them."""

from dataclasses import replace
from datetime import timedelta

from domain.delivery.rollout import Phase
from domain.delivery.rollout_transitions import held, next_stage, stage_name, watched
from domain.delivery.transition import MAX_TRANSITIONS, Move
from tests.support.rollouts import STARTED, a_rollout


def test_stages_have_names():
    first = a_rollout()
    names = [stage_name(replace(first, phase=Phase.CANARY, stage=stage)) for stage in (0, 3)]

    assert names == ["the shadow", "step 3 of 5 (10 % of requests)"]
    assert stage_name(first) == "the preflight"
    assert stage_name(watched(first)) == "the watch"


def test_state_keeps_its_first_transition_and_the_last_ones():
    rollout = next_stage(next_stage(a_rollout(), STARTED, "ready"), STARTED, "passed")
    for number in range(MAX_TRANSITIONS):
        rollout = held(rollout, STARTED + timedelta(seconds=number), f"hold {number}")

    assert len(rollout.transitions) == MAX_TRANSITIONS
    first, *_, last = rollout.transitions
    assert (first.move, first.weight, first.why) == (Move.SHADOW, 0, "ready")
    assert (last.move, last.weight, last.why) == (Move.HOLD, 100, f"hold {MAX_TRANSITIONS - 1}")
