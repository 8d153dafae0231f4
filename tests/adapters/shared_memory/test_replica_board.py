"""Replica board: a list that ages, in memory that child processes share."""

import os

import pytest

from adapters.shared_memory.replica_board import SharedReplicaBoard
from domain.monitoring.errors import FiguresUnavailable
from domain.monitoring.facts import Replica

HOSTS = (Replica("10.0.0.2:9100", "7", "registry", 0.0, 11.5), Replica("größe", silent_seconds=70.0))


@pytest.fixture
def seconds():
    return [100.0]


@pytest.fixture
def board(seconds):
    return SharedReplicaBoard(lambda: seconds[0])


def test_list_is_read_with_its_age(board, seconds):
    assert board.read() == ()
    board.put(HOSTS)
    seconds[0] += 5

    assert [replica.silent_seconds for replica in board.read()] == [5.0, 75.0]
    assert board.read()[0].per_second == 11.5


def test_list_of_another_process_is_read(board):
    if not (writer := os.fork()):
        board.put(HOSTS)
        os._exit(0)
    os.waitpid(writer, 0)

    assert board.read() == HOSTS


def test_shorter_list_replaces_a_longer_one(board):
    board.put(HOSTS)
    board.put(HOSTS[1:])

    assert board.read() == HOSTS[1:]


def test_board_whose_writer_has_stopped_is_empty(board, mocker):
    board.put(HOSTS)
    mocker.patch.object(board._lock, "consistent", side_effect=FiguresUnavailable("the memory", "stopped"))

    assert board.read() == ()
