"""Drift window: the rows that a host has counted by bin since counting began anew."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
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
    found : mapping of int to float
        Unix times since when columns have drifted, by their places; that of the predictions is behind the last.
    """

    version: str
    since: float
    looks: int
    rows: int
    counts: Counts
    found: Mapping[int, float] = field(default_factory=dict)

    def fitted(self, size: int) -> Counts:
        """Return the counts of `size` bins."""
        fitted = np.zeros(size, dtype=np.int64)
        known = self.counts[:size]
        fitted[: len(known)] = known
        return fitted


def is_over(since: float, rows: int, at: float) -> bool:
    """Return whether a window of so many rows has ended at the Unix time `at`: at midnight in UTC after enough rows."""
    return rows >= MIN_WINDOW_ROWS and _day(at) > _day(since)


def still_found(found: Mapping[int, float], drifted: Collection[int], rows: int, at: float) -> dict[int, float]:
    """Return since when columns have drifted, of a window with so many rows in which `drifted` have, at a Unix time.

    A window of few rows does not end a drift, because it may be too few to find it again.
    """
    kept = {place: since for place, since in found.items() if place in drifted or rows < MIN_WINDOW_ROWS}
    return {**dict.fromkeys(drifted, at), **kept}


def _day(at: float) -> int:
    return datetime.fromtimestamp(at, UTC).toordinal()
