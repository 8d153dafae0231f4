"""One process of a host at a time, wherever a directory can be opened; nothing is written."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_EVERY = 0.05


@contextmanager
def alone(directory: Path, patience: float) -> Iterator[None]:
    """Enter when no other process is inside; after `patience` seconds, or where there is no directory, all the same.

    A process that was stopped in the middle must not stop all others for ever.
    """
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, descriptor)
            _lock(descriptor, patience)
        yield


def _lock(descriptor: int, patience: float) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOOK_EVERY)
    return None
