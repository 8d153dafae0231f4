"""Drift series: how far the rows of a host differed from the training rows in consecutive periods, as one array."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from domain.data.arrays import FloatArray, known


class DriftLevel(NamedTuple):
    """How far rows differ from the training rows at one moment.

    Parameters
    ----------
    drifted : int
        Columns that have drifted.
    excess_psi : float
        Largest population stability index beyond its expectation, of the columns that are sure to differ.
    """

    drifted: int
    excess_psi: float


@dataclass(frozen=True, slots=True, eq=False)
class DriftSeries:
    """Levels by period, the oldest first.

    Parameters
    ----------
    values : ndarray of shape (n_periods, 2)
        The numbers of `DriftLevel`, NaN where nothing was compared.
    """

    values: FloatArray

    @property
    def drifted(self) -> tuple[float | None, ...]:
        """Columns that had drifted, by period."""
        return known(self.values[:, 0])

    @property
    def excess_psi(self) -> tuple[float | None, ...]:
        """Largest population stability index beyond its expectation, by period."""
        return known(self.values[:, 1])

    def last(self, periods: int) -> Self:
        """Return the last periods, at least one."""
        return type(self)(self.values[-periods:])

    def grouped(self, size: int) -> Self:
        """Return the largest numbers of each `size` periods, of which the whole is a multiple."""
        return type(self)(np.fmax.reduce(self.values.reshape(-1, size, 2), axis=1))
