from dataclasses import replace

import pytest

from adapters.files.last_known_good import FileLastKnownGood
from adapters.files.sync_status import FileSyncStatus
from application.serving.resolve_synced_champion import ResolveSyncedChampion
from domain.delivery.errors import NoModelLoaded
from domain.delivery.rollout_reader import Exposure
from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.delivery.sync_report import RegistryState, RegistryStatus, SyncReport
from tests.support.examples import SettableClock, a_version
from tests.support.rollouts import a_canary

FRESH_FOR, STALE_AFTER = 5.0, 60.0
OK, UNREACHABLE, INVALID, AWAITING_APPROVAL = RegistryState
ONE, TWO = a_version("1"), a_version("2", slope=2.0)


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def status(tmp_path):
    return FileSyncStatus(tmp_path / "status")


@pytest.fixture
def copy(tmp_path):
    return FileLastKnownGood(tmp_path / "copy")


@pytest.fixture
def resolve(status, copy, clock):
    return ResolveSyncedChampion(status, copy, clock, FRESH_FOR, STALE_AFTER)


def test_copy_is_the_champion_before_the_first_report(resolve, copy):
    assert resolve() is None
    assert resolve.registry_status() == RegistryStatus(UNREACHABLE, "the registry sync has not reported yet", None)

    copy.keep(ONE)

    assert resolve().champion == ServedModel(ONE, ModelOrigin.CACHE)


def test_report_confirms_its_champion_only_if_the_registry_is_ok(resolve, status, clock):
    for state in RegistryState:
        status.publish(SyncReport(ONE, state, "", clock.seconds, clock.seconds))
        origin = ModelOrigin.REGISTRY if state is OK else ModelOrigin.CACHE
        assert resolve().champion == ServedModel(ONE, origin)


def test_champion_that_was_named_and_not_read_is_no_absence(resolve, status, copy, clock):
    status.publish(SyncReport(None, INVALID, "it is corrupt", clock.seconds, clock.seconds, champion_named=True))
    with pytest.raises(NoModelLoaded) as caught:
        resolve()
    assert caught.value.why == "it is corrupt"
    copy.keep(ONE)
    assert resolve().champion == ServedModel(ONE, ModelOrigin.CACHE)


def test_registry_that_has_named_no_champion_leaves_none(resolve, status, clock):
    for state in (UNREACHABLE, INVALID):
        status.publish(SyncReport(None, state, "", clock.seconds, clock.seconds))
        assert resolve() is None


def test_damaged_copy_and_unwritable_disk_are_problems(resolve, status, copy, clock, tmp_path):
    status.publish(SyncReport(None, UNREACHABLE, "", None, clock.seconds))
    copy.keep(ONE)
    assert resolve.registry_status().copy_problem == ""
    (tmp_path / "copy" / "CURRENT").write_bytes(b"{")
    assert "CURRENT" in resolve.registry_status().copy_problem

    for champion in (None, ONE):
        status.publish(SyncReport(champion, OK, "", None, clock.seconds, "the disk is full"))
        assert resolve.registry_status().copy_problem == "the disk is full"


def test_c19_champion_is_unconfirmed_when_reports_end(resolve, status, clock):
    status.publish(SyncReport(ONE, OK, "", clock.seconds - 2, clock.seconds))

    clock.seconds += FRESH_FOR
    assert resolve().champion == ServedModel(ONE, ModelOrigin.REGISTRY)
    clock.seconds += 0.5
    assert resolve().champion == ServedModel(ONE, ModelOrigin.CACHE)
    assert resolve.registry_status() == RegistryStatus(OK, "", FRESH_FOR + 2.5)
    clock.seconds += STALE_AFTER
    found = resolve.registry_status()
    assert (found.state, found.seconds) == (UNREACHABLE, FRESH_FOR + 2.5 + STALE_AFTER)
    assert resolve().champion == ServedModel(ONE, ModelOrigin.CACHE)


def test_rollout_of_the_champion_has_its_weight_until_it_is_no_longer_trusted(resolve, status, clock):
    exposure = Exposure(a_canary(ONE, TWO), 1000, clock.seconds + 60)
    status.publish(SyncReport(ONE, UNREACHABLE, "", None, clock.seconds, exposure=exposure, challenger=TWO))

    served = resolve().rollout
    assert (served.rollout, served.routing.weight) == (exposure.rollout, 1000)
    assert served.challenger == ServedModel(TWO, ModelOrigin.CACHE)
    clock.seconds += 60
    assert resolve().rollout.routing.weight == 0
    assert resolve().exposure == exposure


def test_rollout_without_its_challenger_or_of_another_champion_is_not_applied(resolve, status, clock):
    for champion, challenger, problem in ((ONE, None, "it is corrupt"), (a_version("3"), TWO, "")):
        exposure = Exposure(a_canary(ONE, TWO), 1000, clock.seconds + 60)
        report = SyncReport(champion, OK, "", None, clock.seconds, exposure=exposure, challenger=challenger)
        status.publish(replace(report, challenger_problem=problem))

        found = resolve()

        assert (found.rollout, found.challenger_problem) == (None, problem)
