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
    worth_a_pass = max(FEWEST_ROWS, 4 * columns, 48 * rows // columns)
    return int(min(rows, max(FEWEST_ROWS, min(64 * columns, worth_a_pass))))


@dataclass(frozen=True, slots=True, eq=False)
class CentredSample:
    """A sample with the means taken out, in float64.

    Parameters
    ----------
    features : ndarray of shape (m, d)
        Columns of mean 0.
    covariance : ndarray of shape (d, d)
        Their covariance.
    target : ndarray of shape (m,)
        Less its mean, which is left where float32 cannot express it.
    centre, scale : ndarray of shape (d,)
        What was subtracted, and the standard deviations; 0 for columns that are constant but for rounding.
    target_centre : float
    precision : Precision
        Of the features.
    """

    features: FloatArray
    covariance: FloatArray
    target: FloatArray
    centre: FloatArray
    scale: FloatArray
    target_centre: float
    precision: Precision

    @classmethod
    def of(cls, rows: Dataset) -> Self:
        """Centre `rows`; the centres are numbers that can be subtracted from them as they are written."""
        features = rows.features.astype(np.float64)
        share = np.full(len(features), 1 / len(features))
        means = share @ features
        features -= means
        rest = share @ features  # the first means are only as exact as the features are large
        features -= rest
        covariance = features.T @ features / len(features)
        scale = np.sqrt(covariance.diagonal())
        scale[scale <= 4 * DOUBLE.epsilon * np.abs(means)] = 0
        target = rows.target.astype(np.float64)
        target_centre = float(_rounded_as(rows.target, target.mean()))
        target -= target_centre
        return cls(
            features, covariance, target, _rounded_as(rows.features, means + rest), scale, target_centre,
            Precision.of(rows.features),
        )  # fmt: skip

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


def _rounded_as(values: Numbers, number: FloatArray | float) -> FloatArray:
    rounded: FloatArray = np.asarray(number).astype(values.dtype).astype(np.float64)
    return rounded
