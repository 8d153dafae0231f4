"""Board: the mirror's report in a file in memory, with one writer, any number of readers, and no lock."""

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
        yield Path(directory) / "board"


class FileSyncStatus(SyncStatusChannel):
    """Keeps the report in the file at `path`: renaming replaces it as a whole, so that no reader finds half of one.

    The file holds a line of JSON about the registry, and then the champion's record. Readers parse the record only when
    it changes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, int], SyncReport] | None = None
        self._model: tuple[bytes, ModelVersion] | None = None

    def publish(self, report: SyncReport) -> None:
        """Replace the report."""
        champion = report.champion
        facts = {name: getattr(report, name) for name in SyncReport.__slots__}
        record = json.dumps(to_record(champion), allow_nan=False) if champion else ""
        body = f"{json.dumps(facts | {'champion': champion and champion.name})}\n{record}"
        try:
            replace_quickly(self._path, body.encode())
        except OSError as error:
            raise StoreUnavailable("the memory that the mirror shares with the workers", str(error)) from error

    def read(self) -> SyncReport | None:
        """Return the report, None before the first.

        A champion that this process cannot use is left out, and the registry's state is `BAD` with the reason.
        """
        try:
            status = self._path.stat()
            stamp = status.st_ino, status.st_mtime_ns
            if self._seen is None or self._seen[0] != stamp:
                self._seen = stamp, self._decoded(self._path.read_bytes())
        except FileNotFoundError:
            return None
        return self._seen[1]

    def _decoded(self, body: bytes) -> SyncReport:
        line, _, record = body.partition(b"\n")
        facts = json.loads(line)
        name = facts.pop("champion")
        report = SyncReport(None, **(facts | {"state": RegistryState(facts["state"])}))
        try:
            return replace(report, champion=self._parsed(record, name)) if name else report
        except CorruptModel as error:
            return replace(report, state=RegistryState.INVALID, reason=str(error))

    def _parsed(self, record: bytes, name: str) -> ModelVersion:
        if self._model is None or self._model[0] != record:
            self._model = record, from_record(json.loads(record), name)
        return self._model[1]
