"""Host log: starts of the server, and a registry that stays away."""

import pytest

from adapters.memory.host_changes import InMemoryHostChanges
from domain.delivery.sync_report import RegistryState, RegistryStatus
from domain.errors import StoreUnavailable
from domain.monitoring.change import What
from entrypoints.server.host_log import MIN_FAILURES, HostLog
from tests.support.examples import NOON

STATUSES = {
    "ok": RegistryStatus(RegistryState.OK, "", 0.1),
    "invalid": RegistryStatus(RegistryState.INVALID, "no champion", 0.1),
    "away": RegistryStatus(RegistryState.UNREACHABLE, "refused\x1b[2J", 9.0),
}


@pytest.fixture
def changes():
    return InMemoryHostChanges()


@pytest.fixture
def host_log(changes):
    return HostLog(changes, lambda: NOON, "web-1")


def poll(host_log, *states):
    for state in states:
        host_log.registry_status = lambda state=state: STATUSES[state]
        host_log.polled()


def test_start_of_the_server_is_a_change(host_log, changes):
    host_log.started()
    host_log.polled()  # before there is a state

    (change,) = changes.read()
    assert (change.what, change.host, change.at) == (What.SERVER_STARTED, "web-1", NOON)


def test_worker_that_is_replaced_is_a_change(host_log, changes):
    host_log.worker_replaced()

    assert [change.sentence for change in changes.read()] == ["A worker on web-1 ended and was replaced."]


def test_registry_is_away_after_some_polls_and_back_after_one(host_log, changes):
    poll(host_log, "ok", *["away"] * (MIN_FAILURES + 2), "invalid", "ok", "away")

    away, back = changes.read()
    assert (away.what, away.why) == (What.REGISTRY_AWAY, "refused\\x1b[2J")
    assert back.what is What.REGISTRY_BACK


def test_registry_whose_answers_cannot_be_used_is_away_as_well(host_log, changes):
    poll(host_log, "invalid", "away", "invalid", "ok")

    away, back = changes.read()
    assert (away.what, away.why, back.what) == (What.REGISTRY_AWAY, "no champion", What.REGISTRY_BACK)


def test_registry_that_misses_polls_now_and_then_is_no_change(host_log, changes):
    poll(host_log, *["away", "away", "ok"] * 3)

    assert changes.read() == ()


def test_change_that_cannot_be_kept_is_logged(host_log, changes, mocker, caplog):
    mocker.patch.object(InMemoryHostChanges, "add", autospec=True, side_effect=StoreUnavailable("the disk", "full"))

    host_log.started()

    assert [record.message for record in caplog.records] == ["host_change_not_kept"]
