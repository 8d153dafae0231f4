"""Drift log in the memory of one process."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from domain.monitoring.drift_window import DriftWindow, is_full, still_found
from domain.ports import DriftLog


class InMemoryDriftLog(DriftLog):
    """Keeps the halves of a window, the earlier one first."""

    def __init__(self) -> None:
        self._halves: list[DriftWindow] = []

    def add(self, version: str, rows: int, counts: Mapping[int, int], at: float) -> None:
        """Add to the later half, or begin another one."""
        if not self._halves or self._halves[-1].version != version:
            self._halves = [_new(version, at, looks=1)]
        elif is_full(self._halves[-1].rows):
            later = self._halves[-1]
            self._halves = [later, _new(version, at, later.looks + len(self._halves) - 1, later.found)]
        later = self._halves[-1]
        added = later.fitted(max([len(later.counts), *(place + 1 for place in counts)]))
        for place, count in counts.items():
            added[place] += count
        self._halves[-1] = replace(later, rows=later.rows + rows, counts=added)

    def mark(self, drifted: Collection[int], at: float) -> None:
        """Replace the times."""
        if self._halves:
            later = self._halves[-1]
            self._halves[-1] = replace(later, found=still_found(later.found, drifted, at))

    def read(self) -> DriftWindow | None:
        """Return the sum of both halves."""
        if not self._halves:
            return None
        first, later = self._halves[0], self._halves[-1]
        if first is later:
            return later
        size = max(len(first.counts), len(later.counts))
        counts = first.fitted(size) + later.fitted(size)
        return replace(later, since=first.since, rows=first.rows + later.rows, counts=counts)


def _new(version: str, at: float, looks: int, found: Mapping[int, float] | None = None) -> DriftWindow:
    return DriftWindow(version, at, looks, 0, np.zeros(0, dtype=np.int64), found or {})
