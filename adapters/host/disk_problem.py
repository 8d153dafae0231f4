"""Disk problem: why a file cannot be read or written, without the number of the error and the path."""

import errno
import os

WORDS = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "this user has no right to",
    errno.EPERM: "this user has no right to",
    errno.EIO: "the disk is damaged or gone",
}


def disk_problem(error: OSError) -> str:
    """Return why the operation failed; the system's words stand for causes that are rare."""
    return WORDS.get(error.errno or 0) or os.strerror(error.errno or 0).lower()
