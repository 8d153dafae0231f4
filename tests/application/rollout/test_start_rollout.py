"""StartRollout and RequestAction: what begins a rollout, and what is refused before anything is written."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.rollout.request_action import RequestAction
from application.rollout.start_rollout import StartRollout
from domain.delivery.errors import NoRollout, RolloutRefused
from domain.delivery.rollout import Action, Phase
from domain.model.errors import ModelNotFound
from tests.support.rollout_world import PLAN, SALT, RolloutWorld


@pytest.fixture
def world():
    return RolloutWorld()


def test_first_state_names_both_models_and_waits_for_a_controller(world):
    rollout = world.start("2", PLAN, by="kim@host")

    assert world.rollout == rollout
    assert (rollout.phase, rollout.generation, rollout.writer, rollout.salt) == (Phase.PREFLIGHT, 1, "", SALT)
    assert rollout.id == "20261123T120000Z-2"
    digests = [world.store.load(version).model.digest for version in ("1", "2")]
    assert [rollout.champion_digest, rollout.challenger_digest] == digests


def test_objection_refuses_a_rollout_with_what_to_do(world):
    world.rollouts.reject("3", "It is worse.")
    refused = {
        "1": "version 1 is in production already; name another version",
        "3": "a rollout of version 3 was aborted: It is worse.; `--again` repeats it",
        "4": "`endeavour promote 4 --allow-feature-change`",
    }
    for version, why in refused.items():
        with pytest.raises(RolloutRefused) as caught:
            world.start(version, PLAN, by="kim@host")
        assert why in str(caught.value)
    with pytest.raises(ModelNotFound):
        world.start("9", PLAN, by="kim@host")
    world.state.damaged.add("2")
    with pytest.raises(RolloutRefused, match="train it again"):
        world.start("2", PLAN, by="kim@host")
    assert world.rollout is None

    assert world.start("3", PLAN, by="kim@host", again=True) == world.rollout
    assert world.rollouts.rejection("3") == ""


def test_champion_that_is_missing_or_corrupt_refuses_a_rollout(world):
    world.state.damaged.add("1")
    with pytest.raises(RolloutRefused, match="promote a sound version first"):
        world.start("2", PLAN, by="kim@host")
    world.state.history = type(world.state.history)()
    with pytest.raises(RolloutRefused, match="there is no champion"):
        world.start("2", PLAN, by="kim@host")


def test_running_rollout_refuses_another_but_one_that_a_promotion_ended_does_not(world):
    world.start("2", PLAN, by="kim@host")
    with pytest.raises(RolloutRefused, match="a rollout of version 2 is under way"):
        world.start("3", PLAN, by="kim@host")

    world.seconds += 60
    world.store.promote("3", replacing="1", at=world.now())
    world.seconds += 60
    world.store.rollback(at=world.now())

    assert world.start("3", PLAN, by="kim@host") == world.rollout


def test_rollout_starts_after_the_promotion_of_a_host_whose_clock_is_ahead(world):
    ahead = world.now() + timedelta(minutes=5)
    world.store.promote("3", replacing="1", at=ahead)

    assert StartRollout(world.store, world.rollouts, world.now, lambda: SALT)("2", PLAN, by="x").started_at == ahead


def test_requests_have_rising_numbers_and_need_a_rollout(world):
    ask = RequestAction(world.rollouts)
    with pytest.raises(NoRollout):
        ask(Action.ABORT, by="kim@host")
    rollout = world.start("2", PLAN, by="kim@host")
    world.rollouts.write(replace(rollout, generation=2, handled=4), replacing=1)

    numbers = [ask(action, by="kim@host").number for action in (Action.PAUSE, Action.RESUME)]

    assert numbers == [5, 6]
