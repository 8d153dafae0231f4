"""Drift log in the memory of one process."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from domain.monitoring.drift_window import DriftWindow, is_over, still_found
from domain.ports import DriftLog

NEVER: Mapping[int, float] = MappingProxyType({})


class InMemoryDriftLog(DriftLog):
    """Keeps the window of one process."""

    def __init__(self) -> None:
        self._window: DriftWindow | None = None

    def add(self, version: str, rows: int, counts: Mapping[int, int], at: float) -> None:
        """Add to the window, or begin another one."""
        window = self._window
        if window is None or window.version != version:
            window = _new(version, at, looks=1)
        elif is_over(window.since, window.rows, at):
            window = _new(version, at, window.looks + 1, window.found)
        added = window.fitted(max([len(window.counts), *(place + 1 for place in counts)]))
        for place, count in counts.items():
            added[place] += count
        self._window = DriftWindow(version, window.since, window.looks, window.rows + rows, added, window.found)

    def mark(self, drifted: Collection[int], at: float) -> None:
        """Replace the window by one with the times."""
        if self._window:
            found = still_found(self._window.found, drifted, self._window.rows, at)
            self._window = replace(self._window, found=found)

    def read(self) -> DriftWindow | None:
        """Return the window."""
        return self._window


def _new(version: str, at: float, looks: int, found: Mapping[int, float] = NEVER) -> DriftWindow:
    return DriftWindow(version, at, looks, 0, np.zeros(0, dtype=np.int64), found)
