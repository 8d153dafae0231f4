"""Drift log in memory that all processes of a host share."""

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from adapters.shared_memory.shared_table import SharedTable
from domain.model.distributions import MAX_COLUMNS, MAX_SIZE
from domain.monitoring.drift_window import DriftWindow, is_full, still_found
from domain.ports import DriftLog

MAX_NAME_BYTES = 64
_LAYOUT = np.dtype(
    [
        ("sequence", "<u8"),
        ("since", "<f8", (2,)),
        ("looks", "<u8"),
        ("rows", "<u8", (2,)),
        ("version", f"S{MAX_NAME_BYTES}"),
        ("counts", "<i8", (2, MAX_SIZE)),
        ("found", "<f8", (MAX_COLUMNS + 1,)),
    ]
)


class SharedDriftLog(DriftLog):
    """One window of two halves, some 140 KB; made before workers are forked.

    The parent process alone writes, in some threads.
    """

    def __init__(self) -> None:
        self._shared = SharedTable(_LAYOUT, "the drift of this host")
        self._table = self._shared.record

    def add(self, version: str, rows: int, counts: Mapping[int, int], at: float) -> None:
        """Add to the later half, or begin another one; a place outside of the table is left out."""
        name, table = version.encode()[:MAX_NAME_BYTES], self._table
        with self._shared.writing():
            is_same = bool(table["looks"][0]) and table["version"][0] == name
            if not is_same:
                table["version"], table["looks"] = name, 1
                table["since"], table["rows"], table["counts"], table["found"] = at, 0, 0, 0
            elif is_full(int(table["rows"][0, 1])):
                # The window begins later if it had an earlier half.
                table["looks"] += table["rows"][0, 0] > 0
                for part, begin in (("since", at), ("rows", 0), ("counts", 0)):
                    table[part][0, 0] = table[part][0, 1]
                    table[part][0, 1] = begin
            table["rows"][0, 1] += rows
            places = [place for place in counts if 0 <= place < MAX_SIZE]
            table["counts"][0, 1, places] += [counts[place] for place in places]

    def mark(self, drifted: Collection[int], at: float) -> None:
        """Replace the times; a place outside of the table is left out."""
        with self._shared.writing():
            window = _window(self._table)
            if window:
                self._table["found"] = 0
                for place, since in still_found(window.found, drifted, at).items():
                    if 0 <= place <= MAX_COLUMNS:
                        self._table["found"][0, place] = since

    def read(self) -> DriftWindow | None:
        """Return the window as it was between two writes."""
        return _window(self._shared.consistent(self._table.copy))


def _window(table: npt.NDArray[np.void]) -> DriftWindow | None:
    if not table["looks"][0]:
        return None
    found = table["found"][0]
    return DriftWindow(
        version=table["version"][0].decode(errors="ignore"),
        since=float(table["since"][0, 0]),
        looks=int(table["looks"][0]),
        rows=int(table["rows"][0].sum()),
        counts=table["counts"][0].sum(axis=0),
        found={place: float(found[place]) for place in found.nonzero()[0].tolist()},
    )
