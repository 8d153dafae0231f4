"""Files that appear whole or not at all, even after a power cut, and the lock of those that write them."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.host.file_lock import lock

LOCK = ".lock"


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the file at `path` by one that holds `data`, as a single step for every reader.

    The bytes are on the disk before the name points to them, and the name is on the disk when this returns.

    Raises
    ------
    OSError
        If anything fails. No temporary file is left, and the file is the old one or the new one, whole: an error after
        the renaming does not undo it. Repeat the whole call, because the kernel marks what it could not write as
        written, so that a second `fsync` of the same file succeeds and means nothing.
    """
    with _written_aside(path, data, sync=True) as temporary:
        temporary.replace(path)
    sync_directory(path.parent)


def create_atomically(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet; raise `FileExistsError`, leaving the present one untouched, if it does."""
    with _written_aside(path, data, sync=True) as temporary:
        os.link(temporary, path)
        temporary.unlink()
    sync_directory(path.parent)


def replace_quickly(path: Path, data: bytes) -> None:
    """Replace the file as a single step for every reader, but without waiting for the disk.

    After a power cut it may be the old one, empty, or half of the new one.
    """
    with _written_aside(path, data, sync=False) as temporary:
        temporary.replace(path)


def append_durably(path: Path, data: bytes, *, at: int) -> None:
    """Append `data` after the first `at` bytes of the file, which is made if it is missing; the rest is cut off.

    Raises
    ------
    OSError
        If anything fails; the file then holds the first bytes and, at most, a part of `data`.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        os.ftruncate(descriptor, at)
        _write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_directory(path.parent)


def require_writable(directory: Path) -> None:
    """Write a page to a file in the directory and remove it, or raise `OSError`."""
    with _written_aside(directory / "check", bytes(4096), sync=True) as temporary:
        temporary.unlink()


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold the lock of the directory, which is made if it is missing."""
    path = directory / LOCK
    if not path.exists():  # the file is made last, so that where it exists, the directories above it are on the disk
        make_directory(directory)
    with lock(path):
        yield


def make_directory(path: Path) -> None:
    """Make the directory, readable for its owner only, and those above it, so that they outlive a power cut.

    Those above are synced even if they exist, because the process that made them may have been killed before it synced
    them. Those on another file system, or not readable, existed before.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = path.resolve()
    for above in place.parents:
        if above.stat().st_dev != place.stat().st_dev or not os.access(above, os.R_OK):
            break
        sync_directory(above)


def sync_directory(path: Path) -> None:
    """Return when the names in the directory are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _written_aside(path: Path, data: bytes, *, sync: bool) -> Iterator[Path]:
    """Yield a file beside `path` that holds `data`; remove it after an error."""
    # Readable by its owner alone, and never through a link: O_EXCL, O_NOFOLLOW and O_CLOEXEC are mkstemp's own.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        try:
            _write_all(descriptor, data)
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        yield Path(name)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
