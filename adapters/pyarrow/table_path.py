"""Table path: the path of a file or a directory, on a disk of this host or in an object store."""

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

import pyarrow as pa
from pyarrow import fs

from adapters.pyarrow.object_stores import object_store
from domain.errors import InvalidParameter

Stamp = tuple[int | str, ...]
"""Facts about a file that differ once it is replaced."""

# Bytes of one request for a stream.
STREAM_BYTES = 4 * 1024 * 1024
_ALLOWED = "a path, or begin with s3://BUCKET, gs://BUCKET or abfs://CONTAINER"
_WITHOUT_CREDENTIALS = "without credentials: the environment holds them, as AWS_ACCESS_KEY_ID or AWS_PROFILE does"
_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*://")
# As in `s3://KEY:SECRET@BUCKET`; the account of `abfs://CONTAINER@ACCOUNT` is not secret.
_CREDENTIALS = re.compile(r"(?is)(s3|gs)://[^/]*[:@]|abfs://[^/]*:|.*[?&][\w-]*(secret|key|token|sig)[\w-]*=")
_REMOTE = re.compile(
    r"(?s)(?P<root>(?P<scheme>s3|gs|abfs)://(?P<bucket>[^/@:]+)(@(?P<account>[^/@:.]+)[^/@:]*)?)(?P<key>/.*)?"
)


@dataclass(frozen=True, slots=True)
class TablePath:
    """A path as a user writes it, such as ``data/rows.csv`` or ``s3://bucket/rows.parquet``.

    It holds no connection and no credentials, so that it can be sent to another process. The credentials of an object
    store come from the environment, as the SDK of its provider reads them.

    Raises
    ------
    InvalidParameter
        If the text has the scheme of another store, names no bucket, or holds credentials, which the message omits.
    """

    text: str

    def __post_init__(self) -> None:
        if scheme := _SCHEME.match(self.text):
            shown = f"{scheme[0]}…"
            if _CREDENTIALS.match(self.text):
                raise InvalidParameter("place", shown, _WITHOUT_CREDENTIALS)
            if not self.is_remote:
                raise InvalidParameter("place", shown, _ALLOWED)

    def __str__(self) -> str:
        return self.text

    def __lt__(self, other: "TablePath") -> bool:
        return self.pure < other.pure

    @property
    def is_remote(self) -> bool:
        """Whether the path is in an object store."""
        return _REMOTE.fullmatch(self.text) is not None

    @property
    def pure(self) -> PurePath:
        """The path without the scheme: its names and suffixes. In an object store, the first is that of the bucket."""
        found = _REMOTE.fullmatch(self.text)
        return PurePosixPath(found["bucket"] + (found["key"] or "")) if found else PurePath(self.text)

    @property
    def bucket(self) -> "TablePath":
        """The bucket or container of a path in an object store."""
        found = _REMOTE.fullmatch(self.text)
        return TablePath(found["root"]) if found else self

    @property
    def file_system(self) -> fs.FileSystem:
        """The file system that opens `str(path.pure)`; `OSError` if the store does not answer."""
        found = _REMOTE.fullmatch(self.text)
        return object_store(found["scheme"], found["bucket"], found["account"]) if found else _LOCAL

    def joined(self, name: str) -> "TablePath":
        """Return the path of `name` in this directory."""
        return TablePath(f"{self.text.rstrip('/')}/{name}")

    def info(self) -> fs.FileInfo:
        """Return type, size and time of the last change; raise `OSError` if the store does not answer."""
        return self.file_system.get_file_info(str(self.pure))

    def open(self) -> pa.NativeFile:
        """Return the file for reading at any place; raise `OSError`."""
        return self.file_system.open_input_file(str(self.pure))

    def stream(self, compression: str | None = None) -> pa.NativeFile:
        """Return the file for reading from its beginning on, decompressed; raise `OSError`."""
        size = STREAM_BYTES if self.is_remote else None
        return self.file_system.open_input_stream(str(self.pure), compression=compression, buffer_size=size)

    def stamp(self) -> Stamp:
        """Return size, time of the last change and inode of a file, or size and ETag of an object; raise `OSError`.

        The size is the first.
        """
        if self.is_remote:
            return self.open_with_stamp()[1]
        status = Path(self.text).stat()
        return status.st_size, status.st_mtime_ns, status.st_ino

    def open_with_stamp(self) -> tuple[pa.NativeFile, Stamp]:
        """Return what `open` and `stamp` do; a store is asked once."""
        if not self.is_remote:
            stamp = self.stamp()  # first, so that a file which is replaced before it is opened differs from its stamp
            return self.open(), stamp
        opened = self.open()
        facts = {name.lower(): value for name, value in (opened.metadata() or {}).items()}
        return opened, (opened.size(), os.fsdecode(facts.get("etag") or facts.get("last-modified", b"")))


_LOCAL = fs.LocalFileSystem()
