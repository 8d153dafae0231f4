"""Rate limiter: counts the requests of each client in memory that all processes of this host share."""

import fcntl
import hashlib
import mmap
import secrets
import tempfile
import threading
import time
import weakref
from collections.abc import Callable

from domain.access.rate_limit import RateLimitPolicy

# Two clients share a count by a chance of one in so many; the table takes 512 KiB.
SLOTS, WIDTH = 65_536, 8


class RateLimitTable:
    """One number a client, in memory that child processes inherit; made before they are forked.

    The lock of a number is the kernel's on bytes of a file, because that ends with a process that is killed during a
    change.
    """

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, SLOTS * WIDTH)).cast("d")
        # It stays empty: the kernel also locks bytes that a file does not have.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # open for as long as the table lives
        weakref.finalize(self, self._file.close)
        # A client cannot work out which clients share its number.
        self._salt = secrets.token_bytes(16)
        self._of_this_process = threading.Lock()

    def change(self, client: str, change: Callable[[float], tuple[float, float]]) -> float:
        """Replace the client's number by the first of what `change` makes of it, and return the second."""
        digest = hashlib.blake2b(client.encode(), digest_size=8, key=self._salt).digest()
        slot = int.from_bytes(digest, "little") % SLOTS
        # The kernel's locks exclude other processes, and not the threads of this one.
        with self._of_this_process:
            fcntl.lockf(self._file, fcntl.LOCK_EX, WIDTH, slot * WIDTH)
            try:
                self._numbers[slot], result = change(self._numbers[slot])
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, WIDTH, slot * WIDTH)
        return result


class HostRateLimit:
    """Counts in a table; all processes of a host read the same monotonic clock, in seconds."""

    def __init__(
        self, rate: RateLimitPolicy, table: RateLimitTable, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._table, self._clock = rate, table, clock

    def wait(self, client: str) -> float:
        """Count a request of `client`; return 0 if it may be answered, else the seconds until one may be."""
        now = self._clock()
        return self._table.change(client, lambda due: self._rate.admit(due, now))
