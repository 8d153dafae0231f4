import multiprocessing
import os
import signal
import time

import pytest

from entrypoints.metrics import ledger as ledgers
from entrypoints.metrics.ledger import LONGEST_WORD, MOST_SERIES, Ledger
from tests.entrypoints.serving.program import wait_until

REQUESTS, ROWS = ("requests", "/stream", "200"), ("rows", "/stream")


def test_sums_are_those_of_all_processes(shared, fork):
    def work(number):
        ledger = Ledger(shared)
        for turn in range(500):
            # Each process meets the series in an order of its own.
            names = [REQUESTS, ROWS, ("of", str(number))]
            ledger.add(dict.fromkeys(names[turn % 3 :] + names[: turn % 3], 1.0))

    for process in [fork(work, number) for number in range(4)]:
        process.join()

    own = {("of", str(number)): 500.0 for number in range(4)}
    assert Ledger(shared).sums() == {REQUESTS: 2000.0, ROWS: 2000.0, **own}


def test_what_a_killed_process_added_stays(shared, fork):
    process = fork(lambda: (Ledger(shared).add({REQUESTS: 7.0}), time.sleep(60)))
    wait_until(lambda: Ledger(shared).sums())

    process.kill()
    process.join()
    Ledger(shared).add({REQUESTS: 1.0})

    assert Ledger(shared).sums() == {REQUESTS: 8.0}


def test_a_process_killed_in_the_middle_keeps_nobody_out(shared, fork):
    def die_inside():
        ledger = Ledger(shared)
        with ledger._locked():
            os.kill(os.getpid(), signal.SIGKILL)

    fork(die_inside).join()
    Ledger(shared).add({REQUESTS: 1.0})

    assert Ledger(shared).sums() == {REQUESTS: 1.0}


def test_more_series_than_there_is_room_for_are_an_error_and_the_others_go_on(shared):
    ledger = Ledger(shared)
    ledger.add({(str(number),): 1.0 for number in range(MOST_SERIES)})

    with pytest.raises(ValueError, match="no room"):
        ledger.add({("one too many",): 1.0})
    ledger.add({("0",): 1.0})

    assert ledger.sums()["0",] == 2.0
    assert len(ledger.sums()) == MOST_SERIES


def test_word_of_a_process_is_heard_until_it_ends(shared, fork):
    listening = Ledger(shared)
    pipes = [multiprocessing.Pipe() for _ in range(2)]

    def tell(number):
        ledger = Ledger(shared)
        ledger.tell(number=-1)
        ledger.tell(number=number)
        pipes[number][1].send("told")
        time.sleep(60)

    processes = [fork(tell, number) for number in range(2)]
    for ours, _ in pipes:
        ours.recv()
    both = listening.words()
    processes[0].kill()
    processes[0].join()

    assert sorted(word["number"] for word in both) == [0, 1]
    assert listening.words() == [{"number": 1}]


def test_place_of_an_ended_process_is_given_again(shared, fork, monkeypatch):
    monkeypatch.setattr(ledgers, "PLACES", 8)

    for _ in range(9):
        fork(lambda: Ledger(shared).tell(a=1)).join()

    assert Ledger(shared).words() == []


def test_own_word_is_heard_and_listening_does_not_end_it(shared, fork):
    ledger = Ledger(shared)
    ledger.tell(a=1)
    heard = multiprocessing.Pipe()

    own = [ledger.words(), ledger.words()]
    fork(lambda: heard[1].send(Ledger(shared).words()))

    assert own == [[{"a": 1}]] * 2
    assert heard[0].recv() == [{"a": 1}]


def test_word_that_is_too_long_is_an_error(shared):
    with pytest.raises(ValueError, match="bytes for a word"):
        Ledger(shared).tell(version="x" * LONGEST_WORD)
