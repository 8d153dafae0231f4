"""Oracle of least squares, independent of the learner: QR of centered, scaled columns.

The excess of weights w over the least-squares weights is the part of w's residuals that the design could still explain:
MSE(w) − MSE(OLS) = |X(w − w_ols)|²/n = |P r(w)|²/n, P the projection on the columns and the intercept. Projecting the
residuals has no difference of two nearly equal numbers in it, and needs no w_ols. Means and residuals are taken in long
double, so that an offset costs no digit; the projected columns are centered and of size 1, for which float64 is enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.model.linear_model import LinearModel

DOUBLE = np.finfo(np.float64).eps / 2
BLOCK = 512  # rows whose long doubles a processor's cache holds
# Singular values of the column-scaled design below this share of the largest, times √d, are rounding: QR leaves a few
# eps there, and the singular values of the hard cases' real directions are 1e-10 and more.
RANK_CUT = 64 * DOUBLE

FloatArray = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of weights on the rows that they were learned from."""

    excess: float
    """(MSE(w) − MSE(OLS)) / MSE(OLS); inf or rounding where the line fits exactly."""
    mse: float
    """Of the weights themselves."""
    rounding: float
    """The relative excess that rounding in the data's own dtype leaves."""
    noise: float
    """The mean squared error that it leaves."""


class LeastSquares:
    """The least-squares problem of a table, factored once.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features), of any float type and layout
    target : ndarray of shape (n_rows,)
    """

    def __init__(self, features: FloatArray, target: FloatArray) -> None:
        self.features, self.target = features, target
        self.digits = np.finfo(features.dtype).eps / 2
        self.mean = sum(block.sum(axis=0) for block in self._blocks()) / len(target)
        self.scaled = np.concatenate([(block - self.mean).astype(np.float64) for block in self._blocks()])
        # The mean of a constant column is rounded, so that x − mean is not 0.
        self.scaled[:, features.max(axis=0) == features.min(axis=0)] = 0
        largest = np.maximum(self.scaled.max(axis=0), -self.scaled.min(axis=0))
        self.scaled /= np.where(largest > 0, largest, 1)  # so that squares stay in range
        spread = np.sqrt(np.einsum("ij,ij->j", self.scaled, self.scaled) / len(target))
        self.scaled /= np.where(spread > 0, spread, 1)
        self.spread = spread * largest
        _, values, axes = np.linalg.svd(self._triangle(), full_matrices=False)
        self.rank = int((values > RANK_CUT * np.sqrt(len(self.mean)) * values.max(initial=0)).sum())
        self.values, self.axes = values[: self.rank], axes[: self.rank]

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        """Which columns are not constant."""
        return self.spread > 0

    @property
    def condition(self) -> float:
        """Of the scaled design, over the directions that it has."""
        return float(self.values[0] / self.values[-1]) if self.rank else 1.0

    def judge(self, model: LinearModel) -> Quality:
        """Return the quality of the weights of `model`."""
        residuals = self._residuals(model)
        largest = np.abs(residuals).max() or np.longdouble(1)
        unit = residuals / largest  # squares stay in range in float64
        mean = unit.mean()
        explained = self.axes @ (self.scaled.T @ (unit - mean).astype(np.float64)) / self.values
        excess = mean**2 + explained @ explained / len(unit)
        mse = (unit**2).mean()
        left = mse - excess
        noise = self._noise(model) / largest**2
        return Quality(
            excess=float(excess / left) if left > 0 else float("inf"),
            mse=float(mse * largest**2),
            rounding=float(noise / left) + self._rounding_of_gradients() if left > 0 else float("inf"),
            noise=float(noise * largest**2),
        )

    def solution(self) -> tuple[npt.NDArray[np.float64], float]:
        """Return least-squares coefficients and intercept; no smallest norm is sought."""
        height = np.abs(self.target).max() or 1.0
        target = self.target.astype(np.longdouble) / height
        left = (target - target.mean()).astype(np.float64)
        found = np.zeros(len(self.mean))
        # The normal equations lose the square of the condition; each correction restores a part of it.
        for _ in range(3):
            step = self.axes.T @ ((self.axes @ (self.scaled.T @ left)) / self.values**2)
            found, left = found + step, left - self.scaled @ step
        slope = (found * height / np.where(self.varies, self.spread, 1)).astype(np.float64)
        return slope, float(target.mean() * height - self.mean @ slope)

    def smallest(self) -> tuple[npt.NDArray[np.float64], float]:
        """Return `numpy.linalg.lstsq`'s coefficients of the centered problem, and its smallest singular value kept."""
        target = (self.target - self.target.mean(dtype=np.longdouble)).astype(np.float64)
        weights, _, rank, values = np.linalg.lstsq(self.scaled * self.spread, target, rcond=RANK_CUT)
        return weights, float(values[rank - 1]) if rank else float("inf")

    def _blocks(self) -> Iterator[npt.NDArray[np.longdouble]]:
        return (
            self.features[start : start + BLOCK].astype(np.longdouble) for start in range(0, len(self.target), BLOCK)
        )

    def _triangle(self) -> npt.NDArray[np.float64]:
        parts = [self.scaled[start : start + BLOCK] for start in range(0, len(self.scaled), BLOCK)]
        return np.linalg.qr(np.concatenate([np.linalg.qr(part, mode="r") for part in parts]), mode="r")

    def _residuals(self, model: LinearModel) -> npt.NDArray[np.longdouble]:
        weights = model.coefficients.astype(np.longdouble)
        predicted = np.concatenate([block @ weights for block in self._blocks()]) + np.longdouble(model.intercept)
        return self.target.astype(np.longdouble) - predicted

    def _noise(self, model: LinearModel) -> np.longdouble:
        """Return the mean square by which residuals are off that are computed with the digits u of the table's dtype.

        A residual is a sum of d + 2 terms: it is off by about √(d + 2) · u · (Σ|x w| + |c| + |y|) (Higham and Mary
        2019, rounding errors as random numbers). Rows can be centered first, which is exact, so that u is that of
        float32 for what is left after that, and of float64 for what was there before.
        """
        weights = np.abs(model.coefficients)
        target = self.target.astype(np.longdouble)
        centered = (np.abs(self.scaled) @ (weights * self.spread)).astype(np.longdouble)
        centered += np.abs(target - target.mean())
        raw = centered + np.abs(self.mean) @ weights + np.abs(model.intercept) + np.abs(target.mean())
        return (len(weights) + 2) * ((DOUBLE * raw) ** 2 + (self.digits * centered) ** 2).mean()

    def _rounding_of_gradients(self) -> float:
        """Return the relative excess that is lost in the gradient Σ x r itself.

        It has x's mean in it, which must cancel: u · |mean| / spread of it is off, and whitening multiplies that by the
        condition. Rows more than 1e4 spreads from zero are centered first.
        """
        offset = np.abs(self.mean[self.varies]) / self.spread[self.varies]
        off = max(DOUBLE * min(1e4, 1 + offset.max(initial=0)), self.digits) * self.condition
        return float(off**2 * max(self.rank, 1))
