"""Penalty: λ times the squares of the scaled coefficients, and the standard deviations of all rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray, Numbers
from domain.data.columns import Column


@dataclass(frozen=True, slots=True, eq=False)
class Penalty:
    """λ Σ (s w)², which a fit adds to the mean squared error.

    Parameters
    ----------
    strength : float
        λ, the penalty on Σ (y − ŷ)² divided by the number of all rows; 0 for plain least squares.
    scales : ndarray of shape (d,)
        s, the scale of each feature.
    """

    strength: float
    scales: FloatArray

    def at(self, weights: FloatArray) -> tuple[float, FloatArray]:
        """Return the penalty at weights of shape (d + 1,), and half of its gradient by the coefficients, (d,)."""
        scaled = self.scales * weights[:-1]
        pull = self.strength * scaled
        return float(pull @ scaled), pull * self.scales


def penalty_scales(columns: Sequence[Column], deviations: FloatArray) -> FloatArray:
    """Return the scale of each feature: its standard deviation, and 1 for a boolean.

    A level with few rows has a small deviation. Its coefficient is drawn to 0 the more, the fewer its rows are.
    """
    return np.where([column.kind == "boolean" for column in columns], 1.0, deviations)


class RunningDeviations:
    """Standard deviations of d features, added up block by block.

    Features at most 1e4 standard deviations from 0 leave eight digits of a variance.
    """

    def __init__(self, columns: int) -> None:
        self._rows, self._sums, self._squares = 0, np.zeros(columns), np.zeros(columns)

    def add(self, features: Numbers) -> None:
        """Add rows of shape (n, d)."""
        self._rows += len(features)
        self._sums += np.ones(len(features)) @ features
        self._squares += np.einsum("ij,ij->j", features, features)

    @property
    def values(self) -> FloatArray:
        """The standard deviations of the rows so far, shape (d,)."""
        variances = self._squares / self._rows - (self._sums / self._rows) ** 2
        return np.asarray(np.sqrt(np.maximum(variances, 0)))
