"""Files that appear whole or not at all, even if the power goes."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the file at `path` by one that holds `data`, as a single step for every reader.

    The bytes are on the disk before the name points to them, and the name is on the disk when this returns.

    Raises
    ------
    OSError
        If anything fails. Nothing is left lying about, and the file is the old one or the new one, whole: an error that
        comes after the renaming cannot take it back. Repeat the call, never a part of it: the kernel takes what it
        could not write for written, so that a second `fsync` of the same file succeeds and means nothing.
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


def make_directory(path: Path) -> None:
    """Make the directory, for its owner alone, and those above it; a power cut does not take them any more.

    Those above are written to the disk even if they were there: whoever made them may have been stopped before it had
    done so. On other file systems than the directory's own, and where they cannot be read, they were there before.
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
    """Give a file beside `path` that holds `data`, and remove it if it cannot be put to use."""
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
