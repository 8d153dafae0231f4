import multiprocessing
import os
import signal
import time

import pytest

from adapters.rates.host import HostRateLimit, Table
from domain.rate import Rate
from tests.contracts.rate_limit import RATE, RateLimitContract

FORK = multiprocessing.get_context("fork")


class TestHostRateLimit(RateLimitContract):
    @pytest.fixture
    def table(self):
        return Table()

    @pytest.fixture
    def limit(self, table):
        return HostRateLimit(RATE, table)

    @pytest.fixture
    def second(self, table):
        return HostRateLimit(RATE, table)


def test_processes_count_together():
    limit = HostRateLimit(Rate(per_second=0.001, burst=100), Table())
    answered = FORK.Value("i", 0)

    def ask():
        mine = sum(limit.wait("one") == 0.0 for _ in range(100))
        with answered.get_lock():
            answered.value += mine

    processes = [FORK.Process(target=ask) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert answered.value == 100


def test_process_killed_in_the_middle_of_a_change_blocks_nobody():
    table = Table()
    started = FORK.Event()

    def hang(due):
        started.set()
        time.sleep(60)
        return due, 0.0

    process = FORK.Process(target=table.change, args=("one", hang))
    process.start()
    assert started.wait(10)

    os.kill(process.pid, signal.SIGKILL)
    process.join()

    assert HostRateLimit(RATE, table).wait("one") == 0.0


def test_time_is_that_of_the_clock_given():
    now = 1000.0
    limit = HostRateLimit(Rate(per_second=0.01, burst=1), Table(), clock=lambda: now)

    assert [limit.wait("one"), limit.wait("one")] == [0.0, pytest.approx(100.0)]
    now += 100
    assert limit.wait("one") == 0.0
