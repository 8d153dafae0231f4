"""Drift log in the memory of one process."""

from collections.abc import Mapping

import numpy as np

from domain.monitoring.drift_window import DriftWindow, is_over
from domain.ports import DriftLog


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
            window = _new(version, at, window.looks + 1)
        added = window.fitted(max([len(window.counts), *(place + 1 for place in counts)]))
        for place, count in counts.items():
            added[place] += count
        self._window = DriftWindow(version, window.since, window.looks, window.rows + rows, added)

    def read(self) -> DriftWindow | None:
        """Return the window."""
        return self._window


def _new(version: str, at: float, looks: int) -> DriftWindow:
    return DriftWindow(version, at, looks, 0, np.zeros(0, dtype=np.int64))
