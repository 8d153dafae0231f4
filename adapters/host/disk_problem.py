"""Disk problem: why a file cannot be read or written, without the number of the error and the path."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import BackendUnavailable

WORDS = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "this user has no right to",
    errno.EPERM: "this user has no right to",
    errno.EIO: "the disk is damaged or gone",
}


def disk_problem(error: Exception) -> str:
    """Return why the operation failed; the system's words stand for causes that are rare.

    An error without a number is one of this project, and has words already.
    """
    number = error.errno if isinstance(error, OSError) else None
    return str(error) if number is None else WORDS.get(number) or os.strerror(number).lower()


@contextmanager
def disk_problems_as(problem: type[BackendUnavailable], place: str) -> Iterator[None]:
    """Raise `problem` about `place`, such as "the ledger in artifacts", if the block cannot read or write a file."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise problem(place, disk_problem(error)) from error
