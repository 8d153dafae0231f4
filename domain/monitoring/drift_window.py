"""Drift window: the rows that a host has counted by bin since counting began anew."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from domain.model.distributions import Counts

# Rows from which on counting begins anew at midnight, so that a difference is not hidden by many rows before it.
MIN_WINDOW_ROWS = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class DriftWindow:
    """Counts of a version.

    Parameters
    ----------
    version : str
    since : float
        Unix time of the first row.
    looks : int
        How often counting has begun anew for this version, from 1.
    rows : int
    counts : ndarray
        By bin of the version's `Distributions`; shorter or longer by zeros.
    """

    version: str
    since: float
    looks: int
    rows: int
    counts: Counts

    def fitted(self, size: int) -> Counts:
        """Return the counts of `size` bins."""
        fitted = np.zeros(size, dtype=np.int64)
        known = self.counts[:size]
        fitted[: len(known)] = known
        return fitted


def is_over(since: float, rows: int, at: float) -> bool:
    """Return whether a window of so many rows has ended at the Unix time `at`: at midnight in UTC after enough rows."""
    return rows >= MIN_WINDOW_ROWS and _day(at) > _day(since)


def _day(at: float) -> int:
    return datetime.fromtimestamp(at, UTC).toordinal()
