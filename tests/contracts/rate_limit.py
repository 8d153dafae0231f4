"""What every count of requests does, wherever it is kept."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.ports import RateLimit
from domain.rate import Rate

RATE = Rate(per_second=5, burst=20)


class RateLimitContract:
    """Subclasses give the fixtures `limit`, at `RATE`, and `second`: another one that shares its counts."""

    @pytest.fixture
    def limit(self) -> RateLimit:
        raise NotImplementedError

    @pytest.fixture
    def second(self) -> RateLimit:
        raise NotImplementedError

    def test_burst_is_answered_and_the_next_request_is_told_to_wait(self, limit):
        waits = [limit.wait("one") for _ in range(RATE.burst)]

        assert waits == [0.0] * RATE.burst
        assert 0 < limit.wait("one") <= RATE.interval

    def test_count_is_shared(self, limit, second):
        for _ in range(RATE.burst // 2):
            assert limit.wait("shared") == second.wait("shared") == 0.0

        assert limit.wait("shared") > 0
        assert second.wait("shared") > 0

    def test_clients_are_counted_apart(self, limit):
        while limit.wait("greedy") == 0.0:
            pass

        assert limit.wait("modest") == 0.0

    def test_request_is_answered_after_the_wait(self, limit):
        while limit.wait("patient") == 0.0:
            pass

        time.sleep(limit.wait("patient") + 0.01)

        assert limit.wait("patient") == 0.0

    def test_no_request_is_counted_twice_or_not_at_all_under_concurrency(self, limit, second):
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            waits = list(pool.map(lambda n: (limit, second)[n % 2].wait("busy"), range(400)))
        took = time.monotonic() - began

        assert RATE.burst <= waits.count(0.0) <= RATE.burst + RATE.per_second * took + 1

    @pytest.mark.parametrize("client", ["", "key a.b", "address ::1", "ключ", "x" * 10_000])
    def test_client_may_have_any_name(self, limit, client):
        assert limit.wait(client) == 0.0
