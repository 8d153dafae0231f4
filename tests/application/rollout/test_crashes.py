"""Crashes: a controller that dies between any two accesses to a store changes nothing of a rollout's end."""

import pytest

from tests.support.rollout_run import ENDS, RolloutRun
from tests.support.rollout_world import RolloutWorld


def started(fails_from, dies_at=None):
    return RolloutRun(RolloutWorld(), fails_from, dies_at).start()


@pytest.mark.slow
@pytest.mark.parametrize("fails_from", ENDS)
def test_r03_rollout_whose_controller_died_ends_as_without(fails_from):
    whole = started(fails_from)
    assert whole.to_the_end() == ENDS[fails_from]
    assert whole.accesses > 15

    for dies_at in range(1, whole.accesses + 1):
        run = started(fails_from, dies_at)

        assert run.to_the_end() == ENDS[fails_from], dies_at
        assert run.world.rollout is None
        assert bool(run.world.rollouts.rejection("2")) == (fails_from is not None)


@pytest.mark.slow
@pytest.mark.parametrize("fails_from", ENDS)
def test_state_that_a_dead_controller_left_changes_no_later_promotion(fails_from):
    whole = started(fails_from)
    whole.to_the_end()
    for dies_at in range(1, whole.accesses + 1):
        for is_ended in (False, True):
            run = started(fails_from, dies_at)
            while run.accesses < dies_at:
                run.tick()
            if is_ended:
                run.to_the_end()
            for version in ("3", "1", "2"):
                run.world.seconds += 60
                run.world.store.promote(version, replacing=run.world.store.history().champion, at=run.world.now())

            run.restart()
            ends = [run.tick() for _ in range(4)]

            assert run.world.store.history().champion == "2", (dies_at, is_ended)
            assert run.world.rollout is None, ends
