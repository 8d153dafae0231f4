"""Moments: mean and covariance of the training rows, which a model's record keeps."""

from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray, read_only

# The factor of 512 terms has 1.4 MB in a record, and a row's leverage takes 0.1 ms.
MAX_FEATURES = 512


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Mean and covariance of the features, and the variance of the residuals.

    Parameters
    ----------
    rows : int
        Training rows.
    measured_rows : int
        Rows that mean and factor are computed from: all, or a sample.
    mean : ndarray of shape (d,)
    factor : ndarray of shape (d, d)
        Upper triangular R with RᵀR = Cov(x).
    residual_variance : float or None
        In target units squared: the sum of squared residuals over the degrees of freedom; None if there are none.

    Raises
    ------
    ValueError
        If the shapes differ, a number is not finite, or counts or the variance are out of range.
    """

    rows: int
    measured_rows: int
    mean: FloatArray
    factor: FloatArray
    residual_variance: float | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", read_only(self.mean))
        object.__setattr__(self, "factor", read_only(self.factor))
        if self.mean.ndim != 1 or self.factor.shape != 2 * self.mean.shape:
            raise ValueError(f"moments with a mean of shape {self.mean.shape} and a factor of {self.factor.shape}")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.factor).all()):
            raise ValueError("a mean or a factor of the moments is not finite")
        if not 1 <= self.measured_rows <= self.rows or (self.residual_variance or 0.0) < 0:
            raise ValueError("moments of no rows, or a negative variance")
