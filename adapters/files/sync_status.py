"""Sync status in a file in memory: the registry sync writes it, any number of workers read it, without a lock."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.host.atomic_write import replace_quickly
from adapters.host.disk_problem import disk_problems_as
from domain.delivery.rollout_reader import Exposure
from domain.delivery.rollout_text import from_text, to_text
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

    The file holds a line of JSON, and the records of the champion and of the challenger, a line each. The writer
    encodes a record when its model changes, and readers parse it when it changes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, int], SyncReport] | None = None
        self._champion, self._challenger = _ModelLine(), _ModelLine()

    def publish(self, report: SyncReport) -> None:
        """Replace the report."""
        fields = {name: getattr(report, name) for name in SyncReport.__slots__}
        names = {model: fields[model] and fields[model].name for model in ("champion", "challenger")}
        line = json.dumps({**fields, **names, "exposure": _exposure_values(report.exposure)})
        lines = line.encode(), self._champion.encode(report.champion), self._challenger.encode(report.challenger)
        with disk_problems_as(StoreUnavailable, "the status of the registry sync"):
            replace_quickly(self._path, b"\n".join(lines))

    def read(self) -> SyncReport | None:
        """Return the report, None before the first.

        A model that this process cannot use is left out: of a champion, the registry's state is `INVALID` with the
        reason; of a challenger, the reason is its problem.
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
        line, champion, challenger = body.split(b"\n")
        fields = json.loads(line)
        names = fields.pop("champion"), fields.pop("challenger")
        fields |= {"state": RegistryState(fields["state"]), "exposure": _exposure(fields["exposure"])}
        report = SyncReport(None, **fields)
        try:
            report = replace(report, challenger=self._challenger.decode(challenger, names[1]))
        except CorruptModel as error:
            report = replace(report, challenger_problem=str(error))
        try:
            return replace(report, champion=self._champion.decode(champion, names[0]))
        except CorruptModel as error:
            return replace(report, state=RegistryState.INVALID, reason=str(error))


class _ModelLine:
    """The line of a model, empty for none."""

    def __init__(self) -> None:
        self._encoded: tuple[ModelVersion | None, bytes] = None, b""
        self._decoded: tuple[bytes, ModelVersion] | None = None

    def encode(self, model: ModelVersion | None) -> bytes:
        if model is not self._encoded[0]:
            self._encoded = model, json.dumps(to_record(model), allow_nan=False).encode() if model else b""
        return self._encoded[1]

    def decode(self, line: bytes, name: str | None) -> ModelVersion | None:
        if name is None:
            return None
        if self._decoded is None or self._decoded[0] != line:
            self._decoded = line, from_record(json.loads(line), name)
        return self._decoded[1]


def _exposure_values(exposure: Exposure | None) -> dict[str, object] | None:
    if exposure is None:
        return None
    return {
        "rollout": to_text(exposure.rollout),
        "weight": exposure.weight,
        "trusted_until": exposure.trusted_until,
    }


def _exposure(values: dict[str, Any] | None) -> Exposure | None:
    return Exposure(**(values | {"rollout": from_text(values["rollout"])})) if values else None
