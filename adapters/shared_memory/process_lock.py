"""Process lock: excludes the threads and the processes of this host from the same part of shared memory."""

import fcntl
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager


class ProcessLock:
    """One lock for each part, which child processes inherit; made before they are forked.

    It is the kernel's on a byte of a file, because that ends with a process that is killed during a change.
    """

    def __init__(self) -> None:
        # It stays empty: the kernel also locks bytes that a file does not have.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # open for as long as the lock lives
        weakref.finalize(self, self._file.close)
        self._of_this_process = threading.Lock()

    @contextmanager
    def held(self, part: int = 0) -> Iterator[None]:
        """Hold the lock of a part inside the context."""
        # The kernel's locks exclude other processes, and not the threads of this one.
        with self._of_this_process:
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, part)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, part)
