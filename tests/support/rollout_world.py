"""A registry in memory with two versions, replicas that report, and controllers of a rollout."""

from dataclasses import replace
from datetime import timedelta

from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.memory.replica_counts import InMemoryReplicaCounts
from adapters.memory.rollout_store import InMemoryRolloutStore
from application.audit.record_change import RecordChange
from application.promotion.obey_order import ObeyOrder
from application.rollout.control_rollout import ControlRollout
from application.rollout.lease import Lease
from application.rollout.observe_replicas import ObserveReplicas
from application.rollout.rollout_ledger import RolloutLedger
from application.rollout.rollout_writes import RolloutWrites
from application.rollout.start_rollout import StartRollout
from domain.delivery.analysis import analyze
from domain.delivery.counts import RolloutCounts
from domain.delivery.plan import RolloutPlan
from domain.model.model_version import ModelVersion
from domain.ports import ReplicaReport
from tests.support.examples import NOON, a_lineage, a_model

PLAN = RolloutPlan(steps=(5, 50), shadow_seconds=20, step_seconds=(20,), watch_seconds=40)
# What passes each step within a tick or two.
HARMLESS = RolloutCounts(pairs=5000, answers_baseline=4000, answers_candidate=1000)
SALT = "9f3c1e2a5b6c7d8e"


class RolloutWorld:
    """Stores, a clock and two replicas; by default in memory, where version 1 is in production.

    Versions 2 and 3 take its features, and 4 takes others.
    """

    def __init__(self, stores=None, seconds=0.0):
        self.seconds, self.replicas, self.counts = seconds, InMemoryReplicaCounts(), RolloutCounts()
        self.orders = ()
        if stores is None:
            self.state = InMemoryRegistryState()
            stores = (store(self.state) for store in (InMemoryModelStore, InMemoryRolloutStore, InMemoryLedger))
        self.store, self.rollouts, self.ledger = stores
        record = RecordChange(self.ledger)
        self.obey = ObeyOrder(self.store, self.now, record, self.ledger)
        self.start = StartRollout(self.store, self.rollouts, self.now, lambda: SALT)
        if not self.store.versions():
            self.save_versions()

    def save_versions(self):
        for slopes in ((1.0,), (2.0,), (3.0,), (1.0, 2.0)):
            self.store.save(ModelVersion("", a_model(*slopes), a_lineage()))
        self.store.promote(self.store.versions()[0], replacing=None, at=self.now())

    @staticmethod
    def at(seconds):
        return NOON + timedelta(seconds=seconds)

    def now(self):
        return self.at(self.seconds)

    def monotonic(self):
        return self.seconds

    def controller(self, name="c1", analyze=analyze):
        writes = RolloutWrites(self.store, self.rollouts, RolloutLedger(self.ledger, self.now))
        observe = ObserveReplicas(self.replicas, self.now, self.monotonic, analyze)
        return ControlRollout(self.store, self.rollouts, observe, writes, Lease(name, self.monotonic), self.obey)

    @property
    def rollout(self):
        """The state that the champion has."""
        record = self.rollouts.read()
        return record.rollout if record else None

    def count(self, rollout, counts):
        """Let two replicas count, and report that they apply `rollout`."""
        self.counts += counts
        report = ReplicaReport("a", started=1.0, ready=True, counts=self.counts, orders=self.orders)
        if rollout:
            report = replace(report, rollout=rollout.id, generation=rollout.generation)
        self.replicas.reports = (report, replace(report, replica="b", counts=RolloutCounts()))

    def tick(self, controller, counts=HARMLESS, seconds=10.0):
        """Let time pass and requests come, then run a tick, and those that follow it at once."""
        self.seconds += seconds
        self.count(self.rollout, counts)
        tick = controller()
        while tick.is_at_once:
            tick = controller()
        return tick

    def run_until(self, controller, holds, most=60, **options):
        """Run ticks until `holds(tick)`, and return all of them."""
        ticks = []
        while not ticks or not holds(ticks[-1]):
            assert len(ticks) < most, ticks[-1]
            ticks.append(self.tick(controller, **options))
        return ticks
