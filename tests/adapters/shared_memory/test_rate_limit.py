import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.shared_memory.rate_limit import HostRateLimit, RateLimitTable
from domain.access.rate_limit import RateLimitPolicy
from tests.support.examples import SettableClock

FORK = multiprocessing.get_context("fork")
RATE = RateLimitPolicy(per_second=5, burst=20)


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def limit(clock):
    return HostRateLimit(RATE, RateLimitTable(), clock)


def test_burst_is_answered_after_any_silence_and_a_refused_request_is_not_counted(limit, clock):
    for silence, answered in ((0.0, RATE.burst), (RATE.interval, 1), (1e6, RATE.burst)):
        clock.seconds += silence
        assert [limit.wait("one") for _ in range(answered)] == [0.0] * answered
        for _ in range(100):
            assert limit.wait("one") == pytest.approx(RATE.interval)


def test_clients_of_any_name_are_counted_apart(limit):
    while limit.wait("greedy") == 0.0:
        pass

    for client in ("", "key a.b", "address ::1", "ключ", "x" * 10_000):
        assert limit.wait(client) == 0.0


def test_limits_of_one_table_count_together(clock):
    table = RateLimitTable()
    first, second = (HostRateLimit(RATE, table, clock) for _ in range(2))
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda n: (first, second)[n % 2].wait("busy"), range(400)))

    assert waits.count(0.0) == RATE.burst


def test_processes_count_together():
    limit = HostRateLimit(RateLimitPolicy(per_second=0.001, burst=100), RateLimitTable())
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


def test_process_that_is_killed_during_a_change_blocks_no_other():
    table = RateLimitTable()
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
