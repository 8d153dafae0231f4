"""Output files: appear complete or not at all, on a disk of this host or in an object store."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

from adapters.host.atomic_write import write_atomically
from adapters.host.whole_file import make_directories, whole_file
from adapters.pyarrow.read_errors import reason
from adapters.pyarrow.store_errors import store_failure
from adapters.pyarrow.table_path import TablePath
from domain.model.errors import OutputRefused, OutputUnavailable


@contextmanager
def write_errors_of(place: TablePath) -> Iterator[None]:
    """Translate errors of the operating system, of object stores and of pyarrow to `OutputUnavailable` of `place`.

    A path below a file is `OutputRefused`.
    """
    try:
        yield
    except NotADirectoryError:
        raise OutputRefused(str(place), "a part of its path is a file") from None
    except (OSError, pa.ArrowException) as error:
        if failure := store_failure(error):
            raise OutputUnavailable(str(place), failure) from None  # the text of the library may hold secrets
        raise OutputUnavailable(str(place), reason(error)) from error


@contextmanager
def output_file(target: TablePath) -> Iterator[Path]:
    """Yield the path of an empty local file, which becomes `target` when the context ends without an exception."""
    if not target.is_remote:
        with whole_file(Path(str(target))) as path:
            yield path
        return
    # An output stream that an exception closes would publish half a file.
    with tempfile.TemporaryDirectory(prefix="endeavour-") as directory:
        path = Path(directory) / target.pure.name
        path.touch()
        yield path
        fs.copy_files(
            str(path),
            str(target.pure),
            source_filesystem=fs.LocalFileSystem(),
            destination_filesystem=target.file_system,
        )


def write_small(target: TablePath, data: bytes) -> None:
    """Replace the file by one that holds `data`."""
    if target.is_remote:
        with target.file_system.open_output_stream(str(target.pure)) as stream:
            stream.write(data)
    else:
        write_atomically(Path(str(target)), data)


def read_small(place: TablePath) -> bytes | None:
    """Return the bytes of a file, None if there is none."""
    try:
        with place.open() as stream:
            found: bytes = stream.read()
    except FileNotFoundError:
        return None
    return found


def file_hash(place: TablePath) -> str:
    """Return the sha256 of a file's bytes."""
    with place.stream() as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def remove(place: TablePath) -> None:
    """Remove the file if there is one."""
    if place.info().type == fs.FileType.File:
        place.file_system.delete_file(str(place.pure))


def make_folder(folder: TablePath) -> None:
    """Make the folder and those above it; an object store has none."""
    if not folder.is_remote:
        make_directories(Path(str(folder)))


def require_writable(folder: TablePath) -> None:
    """Write an empty object to a folder of an object store and remove it, before hours are spent on the first one."""
    if folder.is_remote:
        probe = folder.joined("_probe")
        write_small(probe, b"")
        remove(probe)


def folder_of(path: TablePath) -> TablePath:
    """Return the folder of a file."""
    return TablePath(path.text.rpartition("/")[0])
