"""Random interleavings of controllers, hosts and people over one registry, in which each access is a step.

Controllers sleep, die and are started again between any two accesses. `Guards` names what can be left out, so that a
test can show that it is needed.
"""

import random
from dataclasses import replace
from datetime import timedelta
from enum import Flag, auto

from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from application.rollout.control_rollout import ControlRollout
from application.rollout.lease import Lease
from application.rollout.rollout_ledger import RolloutLedger
from application.rollout.rollout_writes import RolloutWrites
from domain.delivery.analysis import Analysis, Verdict
from domain.delivery.counts import RolloutCounts
from domain.delivery.errors import RolloutConflict
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Action, Phase, RolloutRecord, RolloutRequest
from domain.delivery.rollout_decision import Observation
from domain.delivery.rollout_reader import RolloutReader
from tests.support.examples import NOON, a_version
from tests.support.rollouts import a_rollout

PLAN = RolloutPlan(
    steps=(5, 50),
    shadow_seconds=0,
    step_seconds=(0,),
    watch_seconds=30,
    min_answers=1,
    ttl_seconds=24,
)
FIRST = replace(a_rollout(plan=PLAN), started_at=NOON, entered_at=NOON)
VERSIONS = {name: a_version(name, float(name)) for name in "123"}
PASS, FAIL = (Analysis((), verdict, str(verdict)) for verdict in (Verdict.PASS, Verdict.FAIL))
STEPS, SETTLING = 140, 300


class Guards(Flag):
    """What keeps several controllers and the hosts from harm."""

    LEASE = auto()
    LATCH = auto()
    LOOK = auto()
    GENERATION = auto()
    ALL = LEASE | LATCH | LOOK | GENERATION


class Registers:
    """A store of rollouts that keeps values instead of texts, which takes a hundredth of the time."""

    def __init__(self, models, guards):
        self.models, self.guards, self.requested, self.rejected = models, guards, None, {}
        self.states = {"1": FIRST}

    def read(self):
        champion = self.models.history().champion
        if Guards.LOOK not in self.guards:
            champion = next(iter(self.states), champion)
        state = self.states.get(champion)
        return RolloutRecord(state, self.requested) if state else None

    def write(self, rollout, *, replacing):
        before = self.states.get(rollout.version_with_state)
        found = before.generation if before else 0
        if found != replacing and Guards.GENERATION in self.guards:
            raise RolloutConflict(replacing, found)
        self.states[rollout.version_with_state] = rollout

    def remove(self, rollout):
        self.states.pop(rollout.version_with_state, None)

    def reject(self, version, why):
        self.rejected[version] = why


class Entries:
    """A ledger that keeps drafts."""

    def __init__(self):
        self.drafts = []

    def append(self, draft):
        self.drafts.append(draft)
        return draft

    def entries(self):
        return self.drafts


class UnguardedLease(Lease):
    """Permits every action."""

    def require(self):
        pass

    def require_recent_read(self):
        pass


class UnlatchedReader(RolloutReader):
    """Applies each state as it is."""

    def _latch_abort(self, record):
        pass


class Replicas:
    """Replicas whose requests pass until `is_bad`."""

    is_bad = False

    def __init__(self, world):
        self.clock, self._world = world.clock, world

    def begin(self):
        pass

    def orders(self):
        return ()

    def __call__(self, record):
        count = 10 * (1 + self._world.now)
        counts = RolloutCounts(pairs=count, answers_candidate=count)
        analysis = FAIL if self._world.is_bad else PASS
        return Observation(self.clock(), counts, analysis, replicas=3, reporting=3, ready=3, request=record.request)


class Host:
    """A host that polls the registry."""

    def __init__(self, guards):
        self._reader = (RolloutReader if Guards.LATCH in guards else UnlatchedReader)()
        self._exposure, self._has_seen_abort = None, False

    def poll(self, record, now):
        """Return whether the challenger gets traffic although this host has seen an abort."""
        self._exposure = self._reader.observe(record, now)
        if record:
            is_asked = record.request is not None and record.request.action is Action.ABORT
            self._has_seen_abort |= is_asked or record.rollout.phase is Phase.ABORTING
        has_traffic = self._exposure and self._exposure.weight and now < self._exposure.trusted_until
        return bool(has_traffic and self._has_seen_abort)


class World:
    """One run; its `problems` are what must not occur."""

    def __init__(self, seed, guards=Guards.ALL):
        self.random, self.guards, self.now, self.is_bad = random.Random(seed), guards, 0, False  # noqa: S311  # no secret
        self.models = InMemoryModelStore(InMemoryRegistryState(versions=VERSIONS))
        self.models.promote("1", replacing=None, at=NOON)
        self.registers, self.ledger = Registers(self.models, guards), Entries()
        self.hosts = [Host(guards) for _ in range(3)]
        self.controllers, self.sleeping, self.started = {}, {}, 0
        self.problems, self.is_superseded = set(), False

    def clock(self):
        return NOON + timedelta(seconds=self.now)

    def start_controller(self):
        self.started += 1
        lease = (Lease if Guards.LEASE in self.guards else UnguardedLease)(f"c{self.started}", lambda: self.now)
        writes = RolloutWrites(self.models, self.registers, RolloutLedger(self.ledger, self.clock))
        controller = ControlRollout(self.models, self.registers, Replicas(self), writes, lease, obey=lambda _: None)
        self.controllers[lease.name] = _ticks(controller)

    def run(self):
        """Return the problems of a run whose last controller is undisturbed."""
        self.start_controller()
        for self.now in range(1, STEPS):
            self._disturb()
            self._step(self._awake())
        self.start_controller()
        if self.registers.requested:  # a pause in the watch has no end of its own
            self.registers.requested = replace(self.registers.requested, action=Action.RESUME, number=2)
        for self.now in range(STEPS, STEPS + SETTLING):
            self._step(list(self.controllers))
            if not self.controllers:
                break
        return self.problems | set(self._problems_at_the_end())

    def _disturb(self):
        chance = self.random.random()
        if chance < 0.02 and len(self.controllers) < 4:
            self.start_controller()
        elif chance < 0.03 and self.registers.requested is None and self.registers.read():
            action = self.random.choice((Action.ABORT, Action.PAUSE, Action.PROMOTE))
            self.registers.requested = RolloutRequest(FIRST.id, action, "kim@host", "", 1)
        elif chance < 0.036:
            self.is_bad = True
        elif chance < 0.037 and not self.is_superseded:
            champion = self.models.history().champion
            self.models.promote("3", replacing=champion, at=self.clock())
            self.is_superseded = True

    def _awake(self):
        for name in list(self.controllers):
            if self.sleeping.get(name, 0):
                self.sleeping[name] -= 1
                continue
            chance = self.random.random()
            if chance < 0.004:
                del self.controllers[name]
            elif chance < 0.034:
                self.sleeping[name] = self.random.choice((3, 10, 60))
            else:
                yield name

    def _step(self, names):
        for name in names:
            if next(self.controllers[name], "end") == "end":
                del self.controllers[name]
        for host in self.hosts:
            if self.random.random() < 0.5 and host.poll(self.registers.read(), self.now):
                self.problems.add("a host that had seen the abort gave traffic again")

    def _problems_at_the_end(self):
        events = [draft.event for draft in self.ledger.drafts]
        ends = [event for event in events if event != "promote"]
        moves = [change.version for change in self.models.history().changes]
        champion, before_promotion = moves[-1], all(draft.version == "1" for draft in self.ledger.drafts)
        if self.controllers or self.registers.read() or (not ends and not self.is_superseded):
            yield "the rollout does not end"
        if ends not in ([], ["promoted", "aborted"], ends[-1:]) or events.count("promote") > 1:
            yield f"recorded twice: {events}"
        if self.is_superseded:
            if champion != "3":
                yield "the version that a person promoted is not the champion"
        elif ends and champion != {"aborted": "1", "promoted": "2"}.get(ends[-1]):
            yield f"{ends[-1]}, but version {champion} is the champion"
        if ends == ["aborted"] and before_promotion and "2" in moves:
            yield "promoted and aborted"
        if ends[-1:] == ["aborted" if not self.registers.rejected else "promoted"]:
            yield "rejected without an abort, or the reverse"


def _ticks(controller):
    """Run ticks until there is no rollout."""
    while True:
        tick = yield from controller.steps()
        if tick.outcome or tick.rollout is None:
            return
