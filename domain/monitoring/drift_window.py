"""Drift window: the last rows that a host has counted by bin.

A window has two halves of 1,024 rows. Once the later half is full, it is the earlier one of the next window. So many
rows without a difference never hide one, and never are too few rows compared.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from domain.model.distributions import Counts

HALF_ROWS = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class DriftWindow:
    """Counts of a version.

    Parameters
    ----------
    version : str
    since : float
        Unix time of the first row.
    looks : int
        Windows of this version until now, from 1.
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


def is_full(rows: int) -> bool:
    """Return whether a half has its rows."""
    return rows >= HALF_ROWS


def still_found(found: Mapping[int, float], drifted: Collection[int], at: float) -> dict[int, float]:
    """Return since when the columns at the places `drifted` have drifted, at the Unix time `at`."""
    return {place: found.get(place, at) for place in drifted}
