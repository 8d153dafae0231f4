"""Drift history in the memory of one process."""

import math

import numpy as np

from domain.monitoring.drift_series import DriftLevel, DriftSeries
from domain.ports import MINUTES, DriftHistory

NOTHING = (math.nan, math.nan)


class InMemoryDriftHistory(DriftHistory):
    """Keeps the level of each minute."""

    def __init__(self) -> None:
        self._levels: dict[int, DriftLevel] = {}

    def keep(self, level: DriftLevel, at: float) -> None:
        """Replace the level of the minute."""
        self._levels[int(at // MINUTES.seconds)] = level

    def read(self, minutes: int, at: float) -> DriftSeries:
        """Return the levels."""
        end = int(at // MINUTES.seconds)
        return DriftSeries(np.array([self._levels.get(minute, NOTHING) for minute in range(end - minutes, end)]))
