"""Rollout: which version answers how much, and where its state is kept, in each phase."""

from dataclasses import replace

import pytest

from domain.delivery.rollout import MAX_TEXT_CHARACTERS, Action, Phase, RolloutRequest
from tests.support.rollouts import a_rollout


def test_weight_and_place_of_the_state_follow_phase_and_stage():
    rollout = a_rollout()
    watch = rollout.plan.watch
    expected = [
        # phase, stage, weight, routed weight, version with the state, compared version
        (Phase.PREFLIGHT, 0, 0, 0, "1", "2"),
        (Phase.SHADOW, 0, 0, 0, "1", "2"),
        (Phase.CANARY, 1, 100, 100, "1", "2"),
        (Phase.PROMOTING, watch - 1, 5000, 5000, "1", "2"),
        (Phase.ABORTING, 3, 0, 0, "1", "2"),
        (Phase.WATCH, watch, 10_000, 0, "2", "1"),
        (Phase.ABORTING, watch, 10_000, 0, "2", "1"),
    ]
    for phase, stage, weight, routed, place, compared in expected:
        now = replace(rollout, phase=phase, stage=stage)

        assert (now.weight, now.routed_weight, now.version_with_state) == (weight, routed, place), now
        assert now.compared == (compared, {"1": "a", "2": "b"}[compared] * 64)


def test_text_that_no_store_could_read_back_is_refused():
    for text in ("x" * (MAX_TEXT_CHARACTERS + 1), "two\nlines", "\x1b[2J"):
        with pytest.raises(ValueError, match="a text has"):
            replace(a_rollout(), why=text)
        with pytest.raises(ValueError, match="a text has"):
            RolloutRequest(a_rollout().id, Action.ABORT, "kim", text, 1)


def test_models_are_compared_from_the_shadow_to_the_watch():
    compared = [phase for phase in Phase if replace(a_rollout(), phase=phase).is_compared]

    assert compared == [Phase.SHADOW, Phase.CANARY, Phase.PROMOTING, Phase.WATCH]


def test_last_transition_is_decided_by_the_person_whom_its_reason_names_or_the_controller():
    for why, by in (
        ("night (key ops-2) asked to abort: she asked to.", "night (key ops-2)"),
        ("The challenger is worse: failures.", "controller"),
        ("No evidence: held for longer than 6 h. kim@host asked to pause.", "controller"),
    ):
        assert replace(a_rollout(), why=why).decided_by == by
