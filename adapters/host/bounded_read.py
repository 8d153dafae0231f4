"""Bounded reads: no more than a limit, only of regular files, and without waiting."""

import os
import stat
from pathlib import Path


def read_bounded(path: Path, limit: int, *, follow_links: bool = False) -> bytes:
    """Return the file's bytes, read once.

    Raises
    ------
    OSError
        If it cannot be read, or is a symbolic link that must not be followed.
    ValueError
        If it is no regular file, such as a pipe on which a reader would wait, or holds more than `limit` bytes.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow_links else os.O_NOFOLLOW)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123  # it is open already
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{path.name} is not a regular file")
        if found.st_size > limit:
            raise ValueError(f"{path.name} is larger than {limit} bytes")
        return file.read(found.st_size + 1)
