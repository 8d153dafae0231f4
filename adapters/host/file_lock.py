"""Host lock: one process of this host at a time, where MLflow itself lets several write at once."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE_SECONDS = 0.02


@contextmanager
def held(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock, which ends with the process at the latest.

    Raises
    ------
    OSError
        If the file cannot be made, or another process holds the lock for longer than `seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _is_acquired(descriptor):
            if time.monotonic() > end:
                raise OSError(f"another process holds {path} for more than {seconds:g} s")
            time.sleep(PAUSE_SECONDS)  # flock has no time-out of its own
        yield
    finally:
        os.close(descriptor)


def _is_acquired(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
