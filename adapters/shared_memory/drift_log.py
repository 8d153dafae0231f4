"""Drift log in memory that all processes of a host share."""

import mmap
from collections.abc import Mapping

import numpy as np

from adapters.shared_memory.sequence_lock import SequenceLock
from domain.model.distributions import MAX_SIZE
from domain.monitoring.drift_window import DriftWindow, is_over
from domain.ports import DriftLog

MAX_NAME_BYTES = 64
_LAYOUT = np.dtype(
    [
        ("sequence", "<u8"),
        ("since", "<f8"),
        ("looks", "<u8"),
        ("rows", "<u8"),
        ("version", f"S{MAX_NAME_BYTES}"),
        ("counts", "<i8", (MAX_SIZE,)),
    ]
)


class SharedDriftLog(DriftLog):
    """One window, some 64 KB; made before workers are forked. The parent process alone writes."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _LAYOUT.itemsize)
        self._table = np.frombuffer(self._memory, _LAYOUT)
        self._lock = SequenceLock(self._table["sequence"], "the drift of this host")

    def add(self, version: str, rows: int, counts: Mapping[int, int], at: float) -> None:
        """Add to the window, or begin another one; a place outside of the table is left out."""
        name, table = version.encode()[:MAX_NAME_BYTES], self._table
        with self._lock.writing():
            is_same = bool(table["looks"][0]) and table["version"][0] == name
            if not is_same or is_over(float(table["since"][0]), int(table["rows"][0]), at):
                table["looks"] = table["looks"] + 1 if is_same else 1
                table["version"], table["since"], table["rows"], table["counts"] = name, at, 0, 0
            table["rows"] += rows
            places = [place for place in counts if 0 <= place < MAX_SIZE]
            table["counts"][0, places] += [counts[place] for place in places]

    def read(self) -> DriftWindow | None:
        """Return the window as it was between two writes."""
        row = self._lock.consistent(self._table.copy)
        if not row["looks"][0]:
            return None
        return DriftWindow(
            version=row["version"][0].decode(errors="ignore"),
            since=float(row["since"][0]),
            looks=int(row["looks"][0]),
            rows=int(row["rows"][0]),
            counts=row["counts"][0],
        )
