"""One process of this host at a time, where MLflow itself would let several trample on each other."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.02


@contextmanager
def held(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock, which ends with the process at the latest.

    Raises
    ------
    OSError
        If the file cannot be made, or another process holds the lock for longer than `seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(descriptor, path, seconds)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise OSError(f"another process holds {path} for more than {seconds:g} s") from error
            time.sleep(_PAUSE)  # flock has no time-out of its own
