"""Rollout transitions: stages are named as an operator counts them."""

from dataclasses import replace

from domain.delivery.rollout import Phase
from domain.delivery.rollout_transitions import stage_name, watched
from tests.support.rollouts import a_rollout


def test_stages_have_names():
    first = a_rollout()
    names = [stage_name(replace(first, phase=Phase.CANARY, stage=stage)) for stage in (0, 3)]

    assert names == ["the shadow", "step 3 of 5 (10 % of requests)"]
    assert stage_name(first) == "the preflight"
    assert stage_name(watched(first)) == "the watch"
