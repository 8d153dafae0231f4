"""Table path: the path of a file or a directory, on a disk of this host or in an object store."""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath, PurePosixPath
from typing import Any

import pyarrow as pa
from pyarrow import fs

_REMOTE = re.compile(r"(?P<scheme>s3|gs|abfs)://(?P<key>[^/]+(/.*)?)")
CONNECT_SECONDS, REQUEST_SECONDS, ATTEMPTS = 5, 30, 5


@dataclass(frozen=True, slots=True, order=True)
class TablePath:
    """A path as a user writes it, such as ``data/rows.csv`` or ``s3://bucket/rows.parquet``.

    It holds no connection and no credentials, so that it can be sent to another process. The credentials of an object
    store come from the environment, as the SDK of its provider reads them.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def is_remote(self) -> bool:
        """Whether the path is in an object store."""
        return _REMOTE.fullmatch(self.text) is not None

    @property
    def pure(self) -> PurePath:
        """The path without the scheme: its names and suffixes."""
        found = _REMOTE.fullmatch(self.text)
        return PurePosixPath(found["key"]) if found else PurePath(self.text)

    @property
    def file_system(self) -> fs.FileSystem:
        """The file system that opens `str(path.pure)`."""
        found = _REMOTE.fullmatch(self.text)
        return _object_store(found["scheme"]) if found else _LOCAL

    def joined(self, name: str) -> "TablePath":
        """Return the path of `name` in this directory."""
        return TablePath(f"{self.text.rstrip('/')}/{name}")

    def info(self) -> fs.FileInfo:
        """Return type, size and time of the last change; raise `OSError` if the store does not answer."""
        return self.file_system.get_file_info(str(self.pure))

    def open(self) -> pa.NativeFile:
        """Return the file for reading at any place; raise `OSError`."""
        return self.file_system.open_input_file(str(self.pure))


_LOCAL = fs.LocalFileSystem()


@lru_cache
def _object_store(scheme: str) -> fs.FileSystem:
    if scheme == "s3":
        return _s3()
    if scheme == "gs":
        return fs.GcsFileSystem()
    return fs.AzureFileSystem(os.environ.get("AZURE_STORAGE_ACCOUNT", ""))


def _s3() -> fs.S3FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    options: dict[str, Any] = {"endpoint_override": endpoint} if endpoint else {}
    return fs.S3FileSystem(
        connect_timeout=CONNECT_SECONDS,
        request_timeout=REQUEST_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        **options,
    )
