"""Rate limiter: counts the requests of each client in memory that all processes of this host share."""

import hashlib
import mmap
import secrets
import time
from collections.abc import Callable

from adapters.shared_memory.process_lock import ProcessLock
from domain.access.rate_limit import RateLimitPolicy

# Two clients share a count by a chance of one in so many; the table takes 512 KiB.
SLOTS, WIDTH = 65_536, 8


class RateLimitTable:
    """One number a client, in memory that child processes inherit; made before they are forked."""

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, SLOTS * WIDTH)).cast("d")
        self._lock = ProcessLock()
        # A client cannot work out which clients share its number.
        self._salt = secrets.token_bytes(16)

    def change(self, client: str, change: Callable[[float], tuple[float, float]]) -> float:
        """Replace the client's number by the first of what `change` makes of it, and return the second."""
        digest = hashlib.blake2b(client.encode(), digest_size=8, key=self._salt).digest()
        slot = int.from_bytes(digest, "little") % SLOTS
        with self._lock.held(slot):
            self._numbers[slot], result = change(self._numbers[slot])
        return result


class HostRateLimit:
    """Counts in a table; all processes of a host read the same monotonic clock, in seconds."""

    def __init__(
        self, rate: RateLimitPolicy, table: RateLimitTable, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._table, self._clock = rate, table, clock

    def peek(self, client: str) -> float:
        """Return what `wait` would return, without counting a request."""
        now = self._clock()
        return self._table.change(client, lambda due: (due, self._rate.admit(due, now)[1]))

    def wait(self, client: str) -> float:
        """Count a request of `client`; return 0 if it may be answered, else the seconds until one may be."""
        now = self._clock()
        return self._table.change(client, lambda due: self._rate.admit(due, now))
