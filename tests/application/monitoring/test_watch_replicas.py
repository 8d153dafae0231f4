"""WatchReplicas: the other hosts of the service, with their rates, and those that have fallen silent."""

import pytest

from adapters.memory.replica_states import InMemoryReplicaBoard, InMemoryReplicaStates
from application.monitoring.watch_replicas import WatchReplicas
from domain.monitoring.facts import Replica
from domain.ports import ReplicaState

OWN = 1000.0


def state(name, answers=0, started=2000.0, version="7"):
    return ReplicaState(name, started=started, version=version, source="registry", answers=answers)


@pytest.fixture
def states():
    return InMemoryReplicaStates()


@pytest.fixture
def board():
    return InMemoryReplicaBoard()


@pytest.fixture
def look(states, board):
    """Look at some reports at a time, and return the board."""
    seconds = []
    watch = WatchReplicas(states, board, lambda: seconds[-1], OWN)

    def look(at, *reports):
        seconds.append(at)
        states.reports = reports
        watch()
        return board.read()

    return look


def test_other_hosts_have_the_rate_between_two_looks(look):
    assert look(0.0, state("a"), state("b", started=OWN)) == (Replica("a", "7", "registry"),)
    assert look(5.0, state("a", 50), state("b", started=OWN)) == (Replica("a", "7", "registry", 0.0, 10.0),)


def test_host_that_does_not_report_is_silent_with_its_last_version(look):
    look(0.0, state("a"))
    look(5.0, ReplicaState("a", "late"))

    assert look(70.0, ReplicaState("a", "late")) == (Replica("a", "7", "registry", 70.0),)
    assert look(80.0, state("a", 5, started=2060.0)) == (Replica("a", "7", "registry", 0.0, 0.0),)  # started again


def test_host_that_never_reported_is_silent_from_the_first_look_on(look):
    look(0.0, ReplicaState("a", "late"))

    assert look(70.0, ReplicaState("a", "late")) == (Replica("a", silent_seconds=70.0),)


def test_host_with_several_addresses_is_one(look):
    assert [replica.name for replica in look(0.0, state("a"), state("b"), state("c", started=3000.0))] == ["a", "c"]
    silent = [ReplicaState(name, "late") for name in "abc"]

    assert [replica.name for replica in look(70.0, *silent)] == ["a", "c"]


def test_host_that_is_no_longer_named_is_left_out(look):
    look(0.0, state("a"), state("b", started=3000.0))

    assert [replica.name for replica in look(5.0, state("b", started=3000.0))] == ["b"]


def test_own_address_stays_own_while_it_cannot_be_read(look):
    look(0.0, state("a", started=OWN))

    assert look(5.0, ReplicaState("a", "late")) == ()
    assert look(6.0, state("a", started=3000.0)) == (Replica("a", "7", "registry"),)  # another host has the address
