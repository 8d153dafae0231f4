"""Whole files: large files that are written in steps and appear complete or not at all, even after a power cut."""

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.host.atomic_write import sync_directory

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield the path of an empty file beside `path`, which replaces it when the context ends without an exception.

    The bytes are on the disk before the name points to them, and the name is on the disk when the context ends.

    Raises
    ------
    OSError
        If anything fails; the file at `path` is then as it was, or complete.
    """
    with _temporary(path) as (temporary, descriptor):
        yield temporary
        os.fsync(descriptor)
        temporary.replace(path)
    sync_directory(path.parent)


@contextmanager
def marker_file(directory: Path) -> Iterator[Path]:
    """Yield the path of an empty file in the directory, which is there until the context ends; raise `OSError`."""
    with _temporary(directory / "marker") as (path, _):
        yield path


def make_directories(path: Path) -> None:
    """Make the directory and those above it that are missing, so that they outlive a power cut."""
    missing = [place for place in (path, *path.parents) if not place.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for place in missing:
        sync_directory(place.parent)


def remove_abandoned(directory: Path) -> None:
    """Remove temporary files of `whole_file` whose process has ended: the lock that it held has ended with it."""
    for path in directory.iterdir():
        if _TEMPORARY.fullmatch(path.name):
            with contextlib.suppress(OSError):
                descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                finally:
                    os.close(descriptor)


@contextmanager
def _temporary(path: Path) -> Iterator[tuple[Path, int]]:
    """Yield the path and the descriptor of an empty locked file beside `path`, which is removed if it is left there."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor)
        yield temporary, descriptor
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Lock the file; on a file system without locks, nothing is ever found to be abandoned."""
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
