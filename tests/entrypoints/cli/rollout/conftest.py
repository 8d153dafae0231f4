"""The commands of rollouts over stores and replicas in memory."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dependency_injector import providers

from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.memory.rollout_store import InMemoryRolloutStore
from domain.delivery.counts import RolloutCounts
from domain.model.model_version import ModelVersion
from domain.ports import ReplicaCounts, ReplicaReport
from entrypoints.cli.rollout import foreground, traffic
from tests.support.examples import a_lineage, a_model

# What passes each step within a tick or two.
HARMLESS = RolloutCounts(pairs=5000, answers_baseline=4000, answers_candidate=1000)


class BusyReplicas(ReplicaCounts):
    """One replica that applies the state in the store and counts `rise` between two readings."""

    def __init__(self, rollouts):
        self.rollouts, self.rise, self.problem = rollouts, HARMLESS, ""
        self.report = ReplicaReport("10.0.0.1:9100", started=1.0, ready=True)

    def read(self):
        if self.problem:
            return (ReplicaReport(self.report.replica, self.problem),)
        record = self.rollouts.read()
        applied = (record.rollout.id, record.rollout.generation) if record else ("", 0)
        self.report = replace(
            self.report,
            rollout=applied[0],
            generation=applied[1],
            counts=self.report.counts + self.rise,
            answers=self.report.answers + 10,
        )
        return (self.report,)


class Registry:
    """Versions 1 to 3 take the same features, 4 takes others; version 1 is in production."""

    def __init__(self):
        self.state = InMemoryRegistryState()
        self.store, self.rollouts = InMemoryModelStore(self.state), InMemoryRolloutStore(self.state)
        for slopes in ((938.0,), (940.0,), (950.0,), (1.0, 2.0)):
            self.store.save(ModelVersion("", a_model(*slopes), a_lineage()))
        self.store.promote("1", replacing=None, at=datetime.now(UTC))
        self.replicas = BusyReplicas(self.rollouts)


@pytest.fixture
def registry(container, monkeypatch):
    registry = Registry()
    container.mlflow_store.override(providers.Object(registry.store))
    container.mlflow_rollouts.override(providers.Object(registry.rollouts))
    container.mlflow_ledger.override(providers.Object(InMemoryLedger(registry.state)))
    container.replica_counts.override(providers.Object(registry.replicas))
    monkeypatch.setattr(traffic, "SECONDS", 0.01)
    monkeypatch.setattr(foreground, "OTHER_SECONDS", 0.0)
    return registry


@pytest.fixture
def quick(tmp_path):
    """A plan whose stages take no time of their own; ticks follow six times a second."""
    plan = tmp_path / "plan.json"
    plan.write_text('{"steps": [50], "shadow_seconds": 0, "step_seconds": [0], "watch_seconds": 0, "ttl_seconds": 1}')
    return "--plan", str(plan)
