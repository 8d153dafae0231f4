"""Coordinates in which the loss is equally curved in every direction, so that one step size suits them all."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from domain.dataset import FloatArray
from domain.sgd.precision import DOUBLE
from domain.sgd.sample import CentredSample
from domain.sgd.spread import SAFE_TO_SQUARE, Spread

# A direction with less than this share of the widest spread is rounding: in factors of the rows, and in those of a
# covariance.
LEAST_SPREAD, LEAST_SPREAD_SQUARED = 1e-11, 3e-7


@dataclass(frozen=True, slots=True, eq=False)
class Preconditioner:
    """A linear map W, d × k, that whitens the features: Wᵀ Cov(x) W = I.

    A model is a point u = (a, b) of k + 1 whitened coordinates, and predicts (x − centre)ᵀ W a + b. In these, the
    Hessian of half the mean squared error is the identity as far as the covariance is known, so that a Newton step is
    the gradient, and its squared length the excess of the mean squared error over the optimum.

    Parameters
    ----------
    basis : ndarray of shape (d, d)
        W, and then the directions in which the features are constant.
    inverse : ndarray of shape (d, d)
        Of the basis.
    rank : int
        k.
    centre : ndarray of shape (d,)
        The mean of the features.
    rounding : ndarray of shape (d,)
        What rounding may add to each feature.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp", section 4.3 (whitening). Avron, Maymounkov and Toledo
    (2010), "Blendenpik", and Meng, Saunders and Mahoney (2014), "LSRN" (preconditioners from a sample of the rows).
    """

    basis: FloatArray
    inverse: FloatArray
    rank: int
    centre: FloatArray
    rounding: FloatArray

    @classmethod
    def unscaled(cls, sample: CentredSample) -> Self:
        """Return the features as they are, for lack of anything better, about the sample's mean."""
        columns = len(sample.centre)
        rounding = 64 * sample.precision.epsilon * (np.abs(sample.centre) + sample.scale)
        return cls(np.eye(columns), np.eye(columns), columns, sample.centre, rounding)

    @classmethod
    def from_sample(cls, sample: CentredSample) -> Self:
        """Whiten with the covariance of a sample of m rows.

        Directions whose spread is below rounding, 8 ε max(m, d) of the widest, are taken as constant.
        """
        varies = sample.scale > 0
        spread, directions = _principal(sample.features[:, varies] / sample.scale[varies])
        cut = 8 * DOUBLE.epsilon * max(sample.features.shape)
        return cls.unscaled(sample)._turned(sample.scale, spread, directions, cut)

    def whitening(self, spread: Spread, *, squared: bool = False) -> Self:
        """Return the basis turned so that it whitens rows of this `spread` along it, about their own mean.

        `squared` says that the spread is known by way of a covariance, with half as many digits.
        """
        lengths = np.linalg.norm(spread.factor, axis=0)
        lengths[lengths <= self.rounding_along] = 0
        varies = lengths > 0
        principal, directions = np.linalg.svd(spread.factor[:, varies] / lengths[varies])[1:]
        cut = LEAST_SPREAD_SQUARED if squared else LEAST_SPREAD
        turned = self._turned(lengths, _padded(principal, len(directions)), directions, cut)
        return replace(turned, centre=self.centre + spread.mean @ self.inverse)

    def _turned(self, lengths: FloatArray, spread: FloatArray, directions: FloatArray, cut: float) -> Self:
        """Return a basis that whitens.

        `lengths` (d,) are the standard deviations along the present one, 0 where it is constant; `spread` (j,) and
        `directions` (j, j) the principal ones along the j others, each scaled to 1.
        """
        varies = lengths > 0
        kept = spread > cut * spread.max(initial=0.0)
        order = np.argsort(~kept, kind="stable")
        stretch = np.where(kept, spread, 1.0)[order]
        turned = self.basis[:, varies] / lengths[varies] @ directions[order].T / stretch
        back = stretch[:, None] * directions[order] @ (lengths[varies, None] * self.inverse[varies])
        return replace(
            self,
            basis=np.column_stack([turned, self.basis[:, ~varies]]),
            inverse=np.vstack([back, self.inverse[~varies]]),
            rank=int(kept.sum()),
        )

    @property
    def whiten(self) -> FloatArray:
        """W, of shape (d, k)."""
        return self.basis[:, : self.rank]

    @property
    def unwhiten(self) -> FloatArray:
        """Wᵀ Cov(x), of shape (k, d): from coefficients to whitened coordinates, and a factor of the covariance."""
        return self.inverse[: self.rank]

    @property
    def null(self) -> FloatArray:
        """The directions in which the features are constant, shape (d, d - k)."""
        return self.basis[:, self.rank :]

    @property
    def rounding_along(self) -> FloatArray:
        """The standard deviation that rounding alone may show along each direction of the basis, shape (d,)."""
        return self.rounding @ np.abs(self.basis)

    def smallest(self, coefficients: FloatArray) -> FloatArray:
        """Return the coefficients of smallest Euclidean norm that predict what these (d,) predict.

        They differ along null directions only, so that rounding in how far does not change a prediction.
        """
        if self.rank == len(coefficients):
            return coefficients
        null = self.null / np.linalg.norm(self.null, axis=0)
        along = np.linalg.lstsq(null, coefficients, rcond=None)[0]
        smallest: FloatArray = coefficients - null @ along
        return smallest


def _principal(scaled: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the principal spreads (j,) and directions (j, j) of centred rows (m, j) of standard deviation 1."""
    rows, columns = scaled.shape
    if columns == 0:
        return np.zeros(0), np.zeros((0, 0))
    values, vectors = np.linalg.eigh(scaled.T @ scaled / rows)
    if values[0] > SAFE_TO_SQUARE * values[-1]:
        return np.sqrt(values[::-1]), vectors.T[::-1]
    factor = np.linalg.qr(scaled, mode="r") if rows > columns else scaled
    spread, directions = np.linalg.svd(np.asarray(factor) / np.sqrt(rows))[1:]
    return _padded(spread, columns), directions


def _padded(spread: FloatArray, columns: int) -> FloatArray:
    return np.append(spread, np.zeros(columns - len(spread)))
