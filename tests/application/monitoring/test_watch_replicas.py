"""WatchReplicas: the other hosts of the service, with their traffic, and those that have fallen silent."""

from dataclasses import replace

import pytest

from adapters.memory.replica_states import InMemoryReplicaBoard, InMemoryReplicaStates
from adapters.memory.traffic_log import InMemoryTrafficLog
from application.monitoring.watch_replicas import WatchReplicas
from domain.monitoring.facts import Replica
from domain.ports import MINUTES, ReplicaState
from tests.support.monitoring import NOW, traffic

OWN = 1000.0


def state(name, answers=0, started=2000.0, version="7", host=""):
    return ReplicaState(
        name, started=started, version=version, source="registry", host=host, traffic=traffic(answers, rows=2 * answers)
    )


@pytest.fixture
def states():
    return InMemoryReplicaStates()


@pytest.fixture
def board():
    return InMemoryReplicaBoard()


@pytest.fixture
def log():
    return InMemoryTrafficLog()


@pytest.fixture
def look(states, board, log):
    """Look at some reports at a time, and return the board."""
    seconds = []
    watch = WatchReplicas(states, board, log, lambda: seconds[-1], lambda: NOW + seconds[-1], OWN)

    def look(at, *reports):
        seconds.append(at)
        states.reports = reports
        watch()
        return board.read()

    return look


def answered(log):
    """Return the traffic of all other hosts in the log, None without any."""
    found = log.read(MINUTES, 60, NOW + 600)
    return found[""].total() if found else None


def test_other_hosts_have_the_rate_between_two_looks(look):
    assert look(0.0, state("a"), state("b", started=OWN)) == (Replica("a", "7", "registry"),)
    assert look(5.0, state("a", 50), state("b", started=OWN)) == (Replica("a", "7", "registry", 0.0, 10.0),)


def test_traffic_of_other_hosts_is_added_up_from_their_second_report_on(look, log):
    own = state("own", 999, OWN)
    look(0.0, state("a", 1000), state("b", 10, 3000.0), own)
    assert answered(log) is None

    look(5.0, state("a", 1050), ReplicaState("b", "late"), own)
    look(10.0, state("a", 1060), state("b", 13, 3000.0), own)
    assert answered(log) == traffic(63, rows=126)

    look(15.0, state("a", 7, 2060.0), state("b", 14, 3000.0), own)  # `a` was started again
    assert answered(log) == traffic(64, rows=128)

    look(20.0, replace(state("a", 9, 2060.0), traffic=traffic(5)), state("b", 14, 3000.0), own)  # a number has fallen
    assert answered(log) == traffic(64, rows=128)


def test_what_was_answered_in_a_long_silence_belongs_to_no_period(look, log):
    look(0.0, state("a", 0))
    look(61.0, state("a", 6000))
    assert answered(log) is None

    look(66.0, state("a", 6001))
    assert answered(log) == traffic(1, rows=2)


def test_host_is_named_as_its_machine_unless_another_server_runs_there(look):
    reports = state("a:1", host="web-2"), state("b:1", started=3000.0, host="vm"), state("c:1", started=OWN, host="vm")

    assert [replica.name for replica in look(0.0, *reports)] == ["web-2", "b:1"]
    assert [replica.name for replica in look(5.0, ReplicaState("a:1", "late"), *reports[1:])] == ["web-2", "b:1"]


def test_host_that_does_not_report_is_silent_with_its_last_version(look):
    look(0.0, state("a"))
    look(5.0, ReplicaState("a", "late"))

    assert look(70.0, ReplicaState("a", "late")) == (Replica("a", "7", "registry", 70.0),)
    assert look(80.0, state("a", 5, started=2060.0)) == (Replica("a", "7", "registry", 0.0, 0.0),)  # started again


def test_host_that_never_reported_is_silent_from_the_first_look_on(look):
    look(0.0, ReplicaState("a", "late"))

    assert look(70.0, ReplicaState("a", "late")) == (Replica("a", silent_seconds=70.0),)


def test_host_with_several_addresses_is_one(look, log):
    assert [replica.name for replica in look(0.0, state("a"), state("b"), state("c", started=3000.0))] == ["a", "c"]
    look(1.0, state("a", 3), state("b", 3), state("c", started=3000.0))
    silent = [ReplicaState(name, "late") for name in "abc"]

    assert [replica.name for replica in look(70.0, *silent)] == ["a", "c"]
    assert answered(log) == traffic(3, rows=6)


def test_host_that_is_no_longer_named_is_left_out(look):
    look(0.0, state("a"), state("b", started=3000.0))

    assert [replica.name for replica in look(5.0, state("b", started=3000.0))] == ["b"]


def test_own_address_stays_own_while_it_cannot_be_read(look):
    look(0.0, state("a", started=OWN))

    assert look(5.0, ReplicaState("a", "late")) == ()
    assert look(6.0, state("a", started=3000.0)) == (Replica("a", "7", "registry"),)  # another host has the address
