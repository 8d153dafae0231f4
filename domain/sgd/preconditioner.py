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
    dependent : int
        How many directions after those of W are combinations of features that vary; along the rest, single features do
        not.
    centre : ndarray of shape (d,)
        The mean of the features.
    scale : ndarray of shape (d,)
        The standard deviations of the features when the basis was made.
    slack : float
        What may be put down to rounding, as a share.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp", section 4.3 (whitening). Avron, Maymounkov and Toledo
    (2010), "Blendenpik", and Meng, Saunders and Mahoney (2014), "LSRN" (preconditioners from a sample of the rows).
    """

    basis: FloatArray
    inverse: FloatArray
    rank: int
    dependent: int
    centre: FloatArray
    scale: FloatArray
    slack: float

    @classmethod
    def unscaled(cls, sample: CentredSample) -> Self:
        """Return the features as they are, for lack of anything better, about the sample's mean."""
        columns = len(sample.centre)
        return cls(np.eye(columns), np.eye(columns), columns, 0, sample.centre, sample.scale, sample.precision.slack)

    @classmethod
    def from_sample(cls, sample: CentredSample) -> Self:
        """Whiten with the covariance of a sample of m rows.

        Directions whose spread is below rounding, 8 ε max(m, d) of the widest, or 8 ε of what the features that they
        combine are away from zero, are taken as constant.
        """
        spread, directions = _principal(sample)
        varies = sample.scale > 0
        far = directions * (sample.centre[varies] / sample.scale[varies])
        rounding = 8 * sample.precision.epsilon * np.linalg.norm(far, axis=1)
        cut = np.maximum(8 * DOUBLE.epsilon * max(sample.features.shape) * spread.max(initial=0.0), rounding)
        return cls.unscaled(sample)._turned(sample.scale, *_by_direction(spread, directions, cut))

    def whitening(self, spread: Spread, *, squared: bool = False) -> Self:
        """Return the basis turned so that it whitens rows of this `spread` along it, about their own mean.

        `squared` says that the spread is known by way of a covariance, with half as many digits.
        """
        lengths = np.linalg.norm(spread.factor, axis=0)
        scale = np.linalg.norm(spread.factor @ self.inverse, axis=0)
        lengths[lengths <= self.rounding_along(scale)] = 0
        varies = lengths > 0
        scaled = spread.factor[:, varies] / lengths[varies]
        principal, directions = np.linalg.svd(scaled)[1:]
        cut = LEAST_SPREAD_SQUARED if squared else LEAST_SPREAD
        if len(principal) == len(directions) and (principal > cut * principal.max(initial=0.0)).all():
            # All are kept, and a triangular map does: it leaves the long directions free of the short ones, whose
            # coefficients are many times as large and would take digits from theirs.
            factor = np.asarray(np.linalg.qr(scaled, mode="r"))
            turned = self._turned(lengths, np.linalg.inv(factor), factor, len(factor))
        else:
            spreads = _padded(principal, len(directions))
            widest = np.full(len(spreads), spreads.max(initial=0.0))
            turned = self._turned(lengths, *_by_direction(spreads, directions, cut * widest))
        return replace(turned, centre=self.centre + spread.mean @ self.inverse, scale=scale)

    def _turned(self, lengths: FloatArray, forward: FloatArray, back: FloatArray, rank: int) -> Self:
        """Return a basis that whitens.

        `lengths` (d,) are the standard deviations along the present one, 0 where it is constant; `forward` (j, j)
        whitens the j others, each scaled to 1, in its first `rank` columns, and `back` is its inverse.
        """
        varies = lengths > 0
        still_dependent = np.count_nonzero(~varies[self.rank : self.rank + self.dependent])
        return replace(
            self,
            basis=np.column_stack([self.basis[:, varies] / lengths[varies] @ forward, self.basis[:, ~varies]]),
            inverse=np.vstack([back @ (lengths[varies, None] * self.inverse[varies]), self.inverse[~varies]]),
            rank=rank,
            dependent=len(forward) - rank + int(still_dependent),
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

    def rounding_along(self, scale: FloatArray) -> FloatArray:
        """Return the standard deviation that rounding alone may show along each direction of the basis, shape (d,).

        `scale` (d,) are the standard deviations of the features in all rows. A direction in which combined features
        cancel is known to a rounding of each of them, in units of what it was when the direction was found; a feature
        that does not vary is known exactly.
        """
        rounding = (np.abs(self.centre) + self.scale) @ np.abs(self.basis)
        grown = np.divide(scale, self.scale, out=np.zeros_like(scale), where=self.scale > 0)
        rounding[self.rank : self.rank + self.dependent] += np.linalg.norm(grown)
        return self.slack * rounding

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


def _principal(sample: CentredSample) -> tuple[FloatArray, FloatArray]:
    """Return principal spreads (j,) and directions (j, j) of the j columns that vary, scaled to spread 1."""
    varies = sample.scale > 0
    scale, rows = sample.scale[varies], len(sample.features)
    correlations = sample.covariance[np.ix_(varies, varies)] / (scale * scale[:, None])
    values, vectors = np.linalg.eigh(correlations)
    if values.min(initial=1.0) > SAFE_TO_SQUARE * values.max(initial=1.0):
        return np.sqrt(values[::-1]), vectors.T[::-1]
    scaled = sample.features[:, varies] / scale
    factor = np.linalg.qr(scaled, mode="r") if rows > len(scale) else scaled
    spread, directions = np.linalg.svd(np.asarray(factor) / np.sqrt(rows))[1:]
    return _padded(spread, len(scale)), directions


def _by_direction(spread: FloatArray, directions: FloatArray, cut: FloatArray) -> tuple[FloatArray, FloatArray, int]:
    """Return the map (j, j) that whitens along principal directions, its inverse, and how many, the first, vary."""
    kept = spread > cut
    order = np.argsort(~kept, kind="stable")
    stretch = np.where(kept, spread, 1.0)[order]
    return directions[order].T / stretch, stretch[:, None] * directions[order], int(kept.sum())


def _padded(spread: FloatArray, columns: int) -> FloatArray:
    return np.append(spread, np.zeros(columns - len(spread)))
