"""Penalty: λ times the squares of the scaled coefficients, and the standard deviations of all rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import FloatArray, Numbers
from domain.data.columns import Column
from domain.data.sums import Sums


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


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSums(Sums):
    """Sums of d features and of their squares over some rows.

    Features at most 1e4 standard deviations from 0 leave eight digits of a variance.
    """

    rows: int
    sums: FloatArray
    squares: FloatArray

    @classmethod
    def none(cls, columns: int) -> Self:
        """Return the sums of no rows."""
        return cls(0, np.zeros(columns), np.zeros(columns))

    @classmethod
    def of(cls, features: Numbers) -> Self:
        """Return the sums of rows of shape (n, d)."""
        return cls(len(features), np.ones(len(features)) @ features, np.einsum("ij,ij->j", features, features))

    def __add__(self, other: Self) -> Self:
        return type(self)(self.rows + other.rows, self.sums + other.sums, self.squares + other.squares)

    @property
    def deviations(self) -> FloatArray:
        """The standard deviations of the rows, at least one, shape (d,)."""
        variances = self.squares / self.rows - (self.sums / self.rows) ** 2
        return np.asarray(np.sqrt(np.maximum(variances, 0)))
