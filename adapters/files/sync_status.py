"""Sync status in a file in memory: the registry sync writes it, any number of workers read it, without a lock."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from adapters.host.atomic_write import replace_quickly
from domain.delivery.sync_report import RegistryState, SyncReport
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from domain.model.serialization import from_record, to_record
from domain.ports import SyncStatusChannel

MEMORY = "/dev/shm"  # noqa: S108  # a private directory is made in it


@contextmanager
def sync_status_path() -> Iterator[Path]:
    """Yield the path of a file in memory for this user's processes, or on the disk where no memory can be written."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="endeavour-", dir=place) as directory:
        yield Path(directory) / "status"


class FileSyncStatus(SyncStatusChannel):
    """Keeps the report in the file at `path`: renaming replaces it as a whole, so that no reader finds half of one.

    The file holds a line of JSON about the registry, and then the champion's record. The writer encodes a champion
    once, and readers parse its record when it changes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, int], SyncReport] | None = None
        self._model: tuple[bytes, ModelVersion] | None = None
        self._encoded: tuple[ModelVersion | None, bytes] = None, b""

    def publish(self, report: SyncReport) -> None:
        """Replace the report."""
        champion = report.champion
        if champion is not self._encoded[0]:
            self._encoded = champion, json.dumps(to_record(champion), allow_nan=False).encode() if champion else b""
        fields = {name: getattr(report, name) for name in SyncReport.__slots__}
        line = json.dumps(fields | {"champion": champion and champion.name})
        try:
            replace_quickly(self._path, b"%b\n%b" % (line.encode(), self._encoded[1]))
        except OSError as error:
            raise StoreUnavailable("the status of the registry sync", str(error)) from error

    def read(self) -> SyncReport | None:
        """Return the report, None before the first.

        A champion that this process cannot use is left out, and the registry's state is `INVALID` with the reason.
        """
        try:
            status = self._path.stat()
            stamp = status.st_ino, status.st_mtime_ns
            if self._seen is None or self._seen[0] != stamp:
                self._seen = stamp, self._decode(self._path.read_bytes())
        except FileNotFoundError:
            return None
        return self._seen[1]

    def _decode(self, body: bytes) -> SyncReport:
        line, _, record = body.partition(b"\n")
        fields = json.loads(line)
        name = fields.pop("champion")
        report = SyncReport(None, **(fields | {"state": RegistryState(fields["state"])}))
        try:
            return replace(report, champion=self._parse(record, name)) if name else report
        except CorruptModel as error:
            return replace(report, state=RegistryState.INVALID, reason=str(error))

    def _parse(self, record: bytes, name: str) -> ModelVersion:
        if self._model is None or self._model[0] != record:
            self._model = record, from_record(json.loads(record), name)
        return self._model[1]
