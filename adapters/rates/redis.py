"""The requests of each client, counted by all hosts together in Redis."""

import hashlib
import logging
import threading
import time

import redis

from domain.errors import StoreUnavailable
from domain.ports import RateLimit
from domain.rate import Rate

log = logging.getLogger(__name__)

# A count that takes longer is not worth a request's time.
TIMEOUT = 0.05
# While Redis is away, one request in so many seconds finds out whether it has come back.
ASK_AGAIN_AFTER = 1.0

# `Rate.admit` where the number is: the clock is the server's, so that hosts need not agree on the time.
ADMIT = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local due = tonumber(redis.call('GET', KEYS[1]) or '0')
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local next_due = math.max(due, now) + interval
local early = next_due - now - burst * interval
if early > 1e-6 then return tostring(early) end
redis.call('SET', KEYS[1], string.format('%.6f', next_due), 'PX', math.ceil((next_due - now) * 1000))
return '0'
"""


class RedisRateLimit(RateLimit):
    """Counts in Redis.

    Parameters
    ----------
    url : str
        redis:// or rediss://; a password in it is shown nowhere.
    rate : Rate
    prefix : str
        Of the keys, so that several services share a Redis.
    """

    def __init__(self, url: str, rate: Rate, prefix: str) -> None:
        self._client = redis.Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=None)
        self._admit = self._client.register_script(ADMIT)
        self._rate, self._prefix = rate, prefix

    def wait(self, client: str) -> float:
        """Count a request of `client`; return 0 if it may be answered, else the seconds until one may be."""
        key = f"{self._prefix}:rate:{hashlib.sha256(client.encode()).hexdigest()[:32]}"
        try:
            return float(self._admit(keys=[key], args=[self._rate.interval, self._rate.burst]))
        except (redis.RedisError, OSError, ValueError) as error:
            raise StoreUnavailable("Redis", type(error).__name__) from error


class FallingBack(RateLimit):
    """Counts in `shared`, and in `own` while that cannot be reached; says so in the log when it changes."""

    def __init__(self, shared: RateLimit, own: RateLimit) -> None:
        self._shared, self._own = shared, own
        self._away_until = 0.0
        self._away = False
        self._lock = threading.Lock()

    def wait(self, client: str) -> float:
        """Count a request of `client`; return 0 if it may be answered, else the seconds until one may be."""
        if self._away and not self._may_ask_again():
            return self._own.wait(client)
        try:
            seconds = self._shared.wait(client)
        except StoreUnavailable as error:
            if not self._away:
                log.warning("rates_counted_by_host", extra={"why": str(error)})
            self._away, self._away_until = True, time.monotonic() + ASK_AGAIN_AFTER
            return self._own.wait(client)
        if self._away:
            self._away = False
            log.info("rates_counted_by_all_hosts")
        return seconds

    def _may_ask_again(self) -> bool:
        """Tell one thread, once in a while, that it is its turn to find out."""
        with self._lock:
            now = time.monotonic()
            if now < self._away_until:
                return False
            self._away_until = now + ASK_AGAIN_AFTER
            return True
