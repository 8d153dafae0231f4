"""A rollout under a controller that may die, and the end that it has without that."""

from dataclasses import replace

from domain.delivery.analysis import Analysis, Verdict
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase
from tests.support.rollout_world import HARMLESS

PLAN = RolloutPlan(steps=(50,), shadow_seconds=0, step_seconds=(0,), watch_seconds=20)
# By the phase from which the challenger fails: whether it is the champion in the end, and the entries in the ledger.
ENDS = {
    None: (True, ["promote", "promoted"]),
    Phase.CANARY: (False, ["aborted"]),
    Phase.WATCH: (False, ["promote", "aborted"]),
}


def judge(counts, stage_counts, plan, stage):
    del stage_counts, plan, stage
    verdict = Verdict.FAIL if counts.failed_candidate else Verdict.PASS
    return Analysis((), verdict, f"It is a {verdict}.")


class RolloutRun:
    """A rollout of the second version, whose controller dies before the access with the number `dies_at`."""

    def __init__(self, world, fails_from, dies_at=None):
        self.world, self.fails_from, self.dies_at, self.accesses = world, fails_from, dies_at, 0
        self.challenger = world.store.versions()[1]
        self.controller = world.controller("first", judge)

    def start(self):
        self.id = self.world.start(self.challenger, PLAN, by="kim@host").id
        return self

    def restart(self):
        """Start another controller, which reads the beat and later finds that it has stood still."""
        self.controller = self.world.controller(f"{self.world.seconds}", judge)
        self.tick()
        self.world.seconds += 2 * PLAN.ttl_seconds

    def tick(self):
        """Run one tick; return None if the controller died in it."""
        rollout = self.world.rollout
        is_failing = rollout is not None and rollout.phase is self.fails_from
        self.world.seconds += 10
        self.world.count(rollout, replace(HARMLESS, failed_candidate=50 * is_failing))
        steps = self.controller.steps()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
            self.accesses += 1
            if self.accesses == self.dies_at:
                return None

    def to_the_end(self):
        """Run ticks until there is no rollout, and return what `ENDS` has."""
        for _ in range(60):
            tick = self.tick()
            if tick is None:
                self.restart()
            elif tick.outcome or tick.rollout is None:
                break
        events = [entry.event for entry in self.world.ledger.entries() if entry.rollout == self.id]
        return self.world.store.history().champion == self.challenger, events
