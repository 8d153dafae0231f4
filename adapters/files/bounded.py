"""Reading no more than was asked for, nothing through a link, and without ever waiting."""

import os
import stat
from pathlib import Path


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the file's bytes, read once.

    Raises
    ------
    OSError
        If it cannot be read, or is a symbolic link.
    ValueError
        If it is no regular file, such as a pipe on which a reader would wait, or holds more than `limit` bytes.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123  # it is open already
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{path.name} is not a regular file")
        if found.st_size > limit:
            raise ValueError(f"{path.name} is larger than {limit} bytes")
        return file.read(found.st_size + 1)
