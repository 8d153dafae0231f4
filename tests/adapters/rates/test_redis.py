import time

import pytest
import redis

from adapters.rates.host import HostRateLimit, Table
from adapters.rates.redis import TIMEOUT, FallingBack, RedisRateLimit
from domain.errors import StoreUnavailable
from domain.rate import Rate
from tests.contracts.rate_limit import RATE, RateLimitContract
from tests.entrypoints.serving.program import free_port
from tests.redis_server import RedisServer

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.thaw()
    server.stop()


@pytest.fixture(autouse=True)
def empty(server):
    with redis.Redis.from_url(server.url) as client:
        client.flushall()


class TestRedisRateLimit(RateLimitContract):
    @pytest.fixture
    def limit(self, server):
        limit = RedisRateLimit(server.url, RATE, "endeavour")
        # Several threads find out at once that their first connection is new: none of them shall be slow by chance.
        limit.wait("warm-up")
        return limit

    @pytest.fixture
    def second(self, server):
        return RedisRateLimit(server.url, RATE, "endeavour")


def test_names_of_clients_are_not_in_redis_and_counts_are_forgotten(server):
    RedisRateLimit(server.url, Rate(per_second=20, burst=1), "endeavour").wait("address 192.0.2.7")

    with redis.Redis.from_url(server.url) as client:
        (key,) = client.keys()
        assert key.startswith(b"endeavour:rate:")
        assert b"192" not in key
        time.sleep(0.1)
        assert client.keys() == []


def test_services_of_other_names_count_apart(server):
    ours, theirs = (RedisRateLimit(server.url, Rate(1, 1), name) for name in ("ours", "theirs"))

    assert (ours.wait("one"), theirs.wait("one")) == (0.0, 0.0)


def test_redis_that_is_not_there_is_named_without_its_password():
    limit = RedisRateLimit(f"redis://:secret@127.0.0.1:{free_port()}/0", RATE, "endeavour")

    with pytest.raises(StoreUnavailable) as caught:
        limit.wait("one")

    assert "secret" not in str(caught.value)


def test_silent_redis_delays_no_request_by_more_than_the_timeout_and_is_found_again(server, caplog):
    caplog.set_level("INFO")
    limit = FallingBack(RedisRateLimit(server.url, RATE, "endeavour"), HostRateLimit(RATE, Table()))
    assert limit.wait("one") == 0.0

    server.freeze()
    began = time.monotonic()
    while limit.wait("one") == 0.0:
        pass
    took = time.monotonic() - began

    # One request found out; the others were counted here, until the burst was used up.
    assert TIMEOUT <= took < 1
    server.thaw()
    time.sleep(1.1)
    assert limit.wait("two") == 0.0
    assert [record.message for record in caplog.records if "rates" in record.message] == [
        "rates_counted_by_host",
        "rates_counted_by_all_hosts",
    ]


def test_redis_that_restarts_has_forgotten_the_counts_and_nothing_else(server):
    limit = FallingBack(RedisRateLimit(server.url, Rate(0.001, 1), "endeavour"), HostRateLimit(Rate(0.001, 1), Table()))
    assert [limit.wait("one") == 0.0 for _ in range(2)] == [True, False]

    server.stop()
    assert limit.wait("one") == 0.0
    assert limit.wait("one") > 0
    server.start()
    time.sleep(1.1)

    assert limit.wait("one") == 0.0
