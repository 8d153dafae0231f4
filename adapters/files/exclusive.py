"""One writer of a directory at a time, whatever process it is in; readers never wait."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.files.atomic import make_directory


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold the directory's lock, which ends with the process at the latest; the directory is made if need be."""
    lock = directory / ".lock"
    if not lock.exists():  # it is made last, so that where it exists, the way to it is on the disk
        make_directory(directory)
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
