"""Crashes: a controller that dies between any two accesses to a store changes nothing of a rollout's end."""

from dataclasses import replace

import pytest

from application.rollout.tick import Tick
from domain.delivery.analysis import Analysis, Verdict
from domain.delivery.rollout import Phase
from tests.support.rollout_world import HARMLESS, PLAN, RolloutWorld

# From this phase on, each tick has failures of the challenger.
SCENARIOS = {None: ("2", ["promote", "promoted"]), Phase.CANARY: ("1", ["aborted"])} | {
    Phase.WATCH: ("1", ["promote", "aborted"])
}


def judge(counts, stage_counts, plan, stage):
    del stage_counts, plan, stage
    verdict = Verdict.FAIL if counts.failed_candidate else Verdict.PASS
    return Analysis((), verdict, f"It is a {verdict}.")


class Run:
    """A rollout whose first controller dies before the access with the number `dies_at`."""

    def __init__(self, fails_from, dies_at=None):
        self.world, self.fails_from, self.accesses, self.dies_at = RolloutWorld(), fails_from, 0, dies_at
        self.world.start("2", PLAN, by="kim@host")
        self.controller = self.world.controller("c1", judge)

    def tick(self):
        """Run one tick; return None if the controller died in it."""
        phase = self.world.rollout and self.world.rollout.phase
        failures = 50 if phase is self.fails_from and phase else 0
        self.world.seconds += 10
        self.world.count(replace(HARMLESS, failed_candidate=failures))
        steps = self.controller.steps()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
            self.accesses += 1
            if self.accesses == self.dies_at:
                self.world.seconds += 2 * PLAN.ttl_seconds
                self.controller = self.world.controller("c2", judge)
                return None

    def to_the_end(self):
        tick: Tick | None = None
        for _ in range(60):
            if tick and (tick.outcome or tick.rollout is None):
                break
            tick = self.tick()
        events = [entry.event for entry in self.world.ledger.entries()]
        return self.world.store.history().champion, events

    def until_it_dies(self):
        while self.accesses != self.dies_at:
            self.tick()


@pytest.mark.slow
@pytest.mark.parametrize("fails_from", SCENARIOS)
def test_rollout_whose_controller_died_ends_as_without(fails_from):
    whole = Run(fails_from)
    expected = SCENARIOS[fails_from]
    assert whole.to_the_end() == expected
    assert whole.accesses > 20

    for dies_at in range(1, whole.accesses + 1):
        run = Run(fails_from, dies_at)

        assert run.to_the_end() == expected, dies_at
        assert run.world.rollout is None
        assert bool(run.world.rollouts.rejection("2")) == (fails_from is not None)


@pytest.mark.slow
@pytest.mark.parametrize("fails_from", SCENARIOS)
def test_state_that_a_dead_controller_left_changes_no_later_promotion(fails_from):
    whole = Run(fails_from)
    whole.to_the_end()
    for dies_at in range(1, whole.accesses + 1):
        for ends_first in (False, True):
            run = Run(fails_from, dies_at)
            world = run.world
            run.to_the_end() if ends_first else run.until_it_dies()
            for version in ("3", "1", "2"):
                world.seconds += 60
                world.store.promote(version, replacing=world.store.history().champion, at=world.now())

            for _ in range(3):
                run.controller = world.controller("c3", judge)
                run.dies_at = None
                for _ in range(3):
                    run.tick()
                    world.seconds += 2 * PLAN.ttl_seconds

            assert world.store.history().champion == "2", (dies_at, ends_first)
            assert world.rollout is None
