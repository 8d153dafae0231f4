"""ReportStatus: what a host does now, with the condition."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from adapters.memory.traffic_log import InMemoryTrafficLog
from application.monitoring.report_status import SHOWN_CHANGES, ReportStatus
from application.serving.current_model import CurrentModel
from domain.delivery.rollout import Phase
from domain.delivery.rollout_reader import Exposure
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.delivery.sync_report import RegistryState, RegistryStatus
from domain.model.calibration import Calibration
from domain.monitoring.condition import Kind
from domain.monitoring.facts import Replica
from tests.support.examples import NOON, a_model, a_version
from tests.support.monitoring import NOW, a_change, served, traffic
from tests.support.rollouts import STARTED, a_rollout, a_served_rollout, in_rollout


@pytest.fixture
def log():
    log = InMemoryTrafficLog()
    log.begin(NOW - 200)
    return log


@pytest.fixture
def others():
    return InMemoryTrafficLog()


@pytest.fixture
def current_model():
    return CurrentModel()


@pytest.fixture
def report(log, others, current_model):
    def report(*, at=NOW, monotonic=0.0, replicas=(), registry=None, changes=()):
        return ReportStatus(
            lambda: current_model.models,
            registry and (lambda: registry),
            log,
            lambda: changes,
            lambda: replicas,
            lambda: at,
            lambda: monotonic,
            NOW - 3600,
            "web-1",
            others,
        )()

    return report


def test_new_server_has_a_model_and_no_traffic(report, current_model):
    current_model.replace(served())

    status = report()

    assert (status.condition.kind, status.at) == (Kind.NEW, NOON)
    assert status.facts.started_at == NOON - timedelta(hours=1)
    assert (status.minutes, status.per_second, status.recent) == (4, 0.0, traffic(0))
    assert report(at=NOW - 100).minutes == 2, "100 seconds are more than one minute"
    assert [(each.version.name, each.role, each.share) for each in status.versions] == [("7", "champion", 1.0)]
    assert status.rollout is None
    assert status.fleet.sentence.startswith("web-1 only")


def test_server_without_a_model_has_the_reason(report, current_model):
    current_model.withdraw("no champion is known")

    status = report()

    assert (status.condition.kind, status.condition.reason) == (Kind.BAD, "no champion is known")
    assert (status.versions, status.fleet.replicas) == ((), (Replica("web-1"),))


def test_traffic_is_of_five_minutes_and_the_rate_of_the_last_one(report, current_model, log):
    current_model.replace(served())
    log.add({"7": traffic(999)}, NOW - 320)
    log.add({"7": traffic(600, failed=1)}, NOW - 90)
    log.add({"7": traffic(60), "": traffic(60)}, NOW + 5)
    log.add({"7": traffic(999)}, NOW + 15)  # this period is incomplete

    status = report(at=NOW + 15)

    assert (status.recent.answered, status.recent.failed, status.per_second) == (720, 1, 2.0)
    assert status.versions[0].recent.answered == 660
    assert status.condition.sentence == "Healthy. Version 7 serves."


def test_error_of_all_labels_is_compared_with_that_of_held_out_rows(report, current_model, log):
    current_model.replace(served())
    log.add({"7": traffic(100, labels=60, squared_errors=60 * 500.0**2, absolute_errors=60 * 500.0)}, NOW - 86_400)
    assert report().facts.error is None

    version = replace(a_version("7"), calibration=Calibration(99, np.arange(99.0)))
    current_model.replace(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))

    status = report()
    assert (status.facts.error.labels, status.facts.error.error) == (60, 500.0)
    assert status.condition.sentence == "The error of version 7 has risen above that of its held-out rows."


def test_version_in_a_rollout_has_its_share(report, current_model, log):
    models = in_rollout(a_model(), a_served_rollout(a_model(900.0), 500))
    current_model.replace(models)
    log.add({"1": traffic(95), "2": traffic(5)}, NOW - 90)

    status = report()

    assert [(each.version.name, each.role, each.share, each.recent.answered) for each in status.versions] == [
        ("1", "champion", 0.95, 95),
        ("2", "challenger", 0.05, 5),
    ]
    assert (status.rollout, status.facts.silent_seconds) == (models.rollout.rollout, 0.0)


def test_former_champion_is_the_baseline_of_the_watch(report, current_model):
    watch = a_served_rollout(a_model(900.0), 0, phase=Phase.WATCH, stage=6)
    current_model.replace(in_rollout(a_model(), watch))

    assert [each.role for each in report().versions] == ["champion", "baseline"]


def test_controller_that_is_not_trusted_is_silent(report, current_model):
    exposure = Exposure(a_rollout(), 500, trusted_until=30.0)
    current_model.replace(ServedModels(served("1").champion, None, exposure))

    status = report(at=STARTED.timestamp() + 600, monotonic=330.0)

    assert status.facts.silent_seconds == 300.0
    assert status.condition.sentence == "The controller of the rollout has been silent for 5 minutes."


def test_registry_other_hosts_and_last_changes_are_reported(report, current_model):
    current_model.replace(served())
    registry, other = RegistryStatus(RegistryState.OK, "", 1.0), Replica("web-2", "7")

    status = report(registry=registry, replicas=(other,), changes=tuple(map(a_change, range(20))))

    assert (status.facts.registry, len(status.changes)) == (registry, SHOWN_CHANGES)
    assert status.fleet.replicas == (Replica("web-1", "7", "registry"), other)


def test_fleet_has_the_traffic_of_all_hosts_and_names_those_that_are_silent(report, current_model, log, others):
    current_model.replace(served())
    log.add({"7": traffic(60)}, NOW - 30)
    others.add({"": traffic(240, failed=1)}, NOW - 90)
    others.add({"": traffic(120)}, NOW - 30)

    alone, both = (
        report(),
        report(replicas=(Replica("web-2", "7", silent_seconds=4.0), Replica("web-3", "7", "", 20.0))),
    )

    assert (alone.fleet.recent, alone.fleet.per_second) == (traffic(60), 1.0)
    assert (both.fleet.recent, both.fleet.per_second) == (traffic(420, failed=1), 3.0)
    assert both.fleet.sentence == "figures of 2 of 3 hosts, read up to 4 seconds ago; without web-3"
    assert (both.recent, both.per_second) == (traffic(60), 1.0)
    assert report(replicas=(Replica("web-2"),)).fleet.sentence == "figures of 2 of 2 hosts, read up to 0 seconds ago"
