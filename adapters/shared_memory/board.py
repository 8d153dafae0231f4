"""The mirror's report in shared memory: one writer, any number of readers, and no lock."""

import hashlib
import json
import os
import struct
from dataclasses import replace
from functools import cached_property
from typing import Any

from domain.errors import BrokenModel, StoreUnavailable
from domain.mirror_report import MirrorReport, RegistryState
from domain.model_version import ModelVersion
from domain.ports import MirrorBoard
from domain.record import from_record, to_record

# Where the body is, how long it is, and its sha256.
HEADER = struct.Struct(">QQ32s")
# The body is written beside the present one; between the two is room that takes no memory until it is used.
SLOTS = (4096, 4096 + 1024**3)
LARGEST = 128 * 1024 * 1024
# A reader that is overtaken by two writes in a row keeps to what it has until it looks again.
TRIES = 3


class SharedBoard(MirrorBoard):
    """Keeps the report in the file at `path`.

    A header says which of two places holds the report and what its digest is. A writer fills the other place first, so
    one that is killed leaves the old report; a reader believes only what the digest is of, so it never sees half a one.
    The model is parsed when it changes, not at each report.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: tuple[bytes, MirrorReport | None] = (b"", None)
        self._model: tuple[str, ModelVersion | None] = ("", None)

    def post(self, report: MirrorReport) -> None:
        """Write the report, then point to it."""
        body = _encode(report)
        try:
            offset = SLOTS[0] if self._header()[0] != SLOTS[0] else SLOTS[1]
            _write(self._for_writing, body, offset)
            _write(self._for_writing, HEADER.pack(offset, len(body), hashlib.sha256(body).digest()), 0)
        except OSError as error:
            raise StoreUnavailable("the memory that the mirror shares with the workers", str(error)) from error

    def latest(self) -> MirrorReport | None:
        """Return the report, or the one before if it changes too fast to be read.

        A champion that this process cannot use is left out, and the reason is that of a registry whose word is bad.
        """
        for _ in range(TRIES):
            header = os.pread(self._for_reading, HEADER.size, 0)
            if header == self._seen[0] or len(header) < HEADER.size:
                break
            offset, length, digest = HEADER.unpack(header)
            body = os.pread(self._for_reading, min(length, LARGEST), offset)
            if hashlib.sha256(body).digest() == digest:
                self._seen = header, self._decoded(body)
                break
        return self._seen[1]

    @cached_property
    def _for_writing(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CLOEXEC)

    @cached_property
    def _for_reading(self) -> int:
        return os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)

    def _header(self) -> tuple[Any, ...]:
        header = os.pread(self._for_writing, HEADER.size, 0)
        return HEADER.unpack(header) if len(header) == HEADER.size else (0,)

    def _decoded(self, body: bytes) -> MirrorReport:
        line, _, record = body.partition(b"\n")
        facts = json.loads(line)
        name = facts.pop("champion")
        report = MirrorReport(None, **(facts | {"state": RegistryState(facts["state"])}))
        if name is None:
            return report
        try:
            return replace(report, champion=self._parsed(record, name))
        except BrokenModel as error:
            return replace(report, state=RegistryState.BAD, reason=str(error))

    def _parsed(self, record: bytes, name: str) -> ModelVersion | None:
        digest = hashlib.sha256(record).hexdigest()
        if digest != self._model[0]:
            self._model = digest, from_record(json.loads(record), name)
        return self._model[1]


def _encode(report: MirrorReport) -> bytes:
    champion = report.champion
    facts = {
        "champion": champion.name if champion else None,
        "state": report.state,
        "reason": report.reason,
        "heard_at": report.heard_at,
        "reported_at": report.reported_at,
        "copy_problem": report.copy_problem,
        "named": report.named,
    }
    record = json.dumps(to_record(champion), allow_nan=False).encode() if champion else b""
    return json.dumps(facts).encode() + b"\n" + record


def _write(descriptor: int, data: bytes, offset: int) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(descriptor, data[written:], offset + written)
