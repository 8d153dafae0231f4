"""The sample that a fit begins with: some thousand rows that show how the features lie."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.dataset import Dataset, FloatArray
from domain.rows import Numbers
from domain.sgd.precision import DOUBLE, Precision

FEWEST_ROWS = 4096


def sample_size(rows: int, columns: int) -> int:
    """Return how many of `rows` to take for `columns` features.

    With m rows, each pass of refinement shrinks the excess by about columns / m; 64 rows a column make that 1/64, and
    more would cost more than the pass they save. Tables of fewer than 16 rows a column are taken whole: there is no
    gain in a sample that is nearly the table.
    """
    if rows < 16 * columns:
        return rows
    return int(min(rows, max(FEWEST_ROWS, min(64 * columns, max(4 * columns, 48 * rows // columns)))))


@dataclass(frozen=True, slots=True, eq=False)
class CentredSample:
    """A sample with the means taken out, in float64.

    Parameters
    ----------
    features : ndarray of shape (m, d)
        Columns of mean 0.
    target : ndarray of shape (m,)
        Less its mean, which is left where float32 cannot express it.
    centre, scale : ndarray of shape (d,)
        What was subtracted, and the standard deviations; 0 for columns that are constant but for rounding.
    target_centre : float
    precision : Precision
        Of the features.
    """

    features: FloatArray
    target: FloatArray
    centre: FloatArray
    scale: FloatArray
    target_centre: float
    precision: Precision

    @classmethod
    def of(cls, rows: Dataset) -> Self:
        """Centre `rows`; the centres are numbers that can be subtracted from them as they are written."""
        means = rows.features.mean(axis=0, dtype=np.float64)
        centre = _rounded_as(rows.features, means + (rows.features - means).mean(axis=0))
        features = rows.features - centre
        features -= features.mean(axis=0)  # the first means are only as exact as the features are large
        scale = np.sqrt(np.einsum("ij,ij->j", features, features) / len(features))
        scale[scale <= 4 * DOUBLE.epsilon * np.abs(centre)] = 0
        target = rows.target.astype(np.float64)
        target_centre = float(_rounded_as(rows.target, target.mean()))
        target -= target_centre
        return cls(features, target, centre, scale, target_centre, Precision.of(rows.features))

    @property
    def is_far_from_zero(self) -> bool:
        """Whether the rows must be centred before they are multiplied with weights."""
        spread = max(float(np.sqrt(np.mean(self.target**2))), np.finfo(np.float64).tiny)
        return max(self.offset, abs(self.target_centre) / spread) > self.precision.far_from_zero

    @property
    def offset(self) -> float:
        """How far the features are from 0, in their standard deviations; the largest of all columns."""
        varies = self.scale > 0
        return float(np.max(np.abs(self.centre[varies]) / self.scale[varies], initial=0.0))

    @property
    def noise_floor(self) -> float:
        """The squared gradient that is nothing but rounding, target units squared."""
        return self.precision.noise * float(np.mean(self.target**2))


def _rounded_as(values: Numbers, number: FloatArray | float) -> FloatArray:
    rounded: FloatArray = np.asarray(number).astype(values.dtype).astype(np.float64)
    return rounded
