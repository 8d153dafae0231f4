"""File lock: one process of this host at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.02


@contextmanager
def lock(path: Path, timeout: float | None = None) -> Iterator[None]:
    """Hold the lock of the file at `path`, which is made if it is missing; the end of the process releases it.

    Parameters
    ----------
    path : Path
    timeout : float, optional
        Seconds to wait for another process, at most; without it, the call waits until that process ends.

    Raises
    ------
    OSError
        If the file cannot be opened, or another process holds the lock for longer than `timeout`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if timeout is None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        else:
            _acquire(descriptor, path, timeout)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, timeout: float) -> None:
    end = time.monotonic() + timeout
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise OSError(f"another process holds {path} for more than {timeout:g} s") from None
            time.sleep(POLL_SECONDS)  # flock has no timeout of its own
