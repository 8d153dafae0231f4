"""Whitening: coordinates in which the loss is equally curved in every direction, so that one step size suits all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import Block, FloatArray, Numbers
from domain.data.sums import Sums, Work
from domain.features.encoding import Encoding
from domain.learning.sgd.factor import Factor
from domain.learning.sgd.penalty import Penalty
from domain.model.linear_model import LinearModel

EPSILON = float(np.finfo(np.float64).eps)
# A direction with less than this share of the widest spread is rounding, which was 2e-14 at most in tables of two
# million rows.
MIN_SPREAD = 5e-13
# A column with a spread of this share of its mean, at most, is constant but for rounding.
CONSTANT = 4 * EPSILON
# Rounding of a sum of several numbers, at most, as a share of the largest of them.
MAX_ROUNDING = 64 * EPSILON
# A row with more than this share of the spread along some direction determines it nearly alone.
MAX_LEVERAGE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Directions in which rows as they are read must be constant, of shape (d, d − k), and where they are.

    Along a direction scaled to the least spread that counts, rows differ from the mean by less than 1 on average.
    """

    unseen: FloatArray
    shift: FloatArray

    def holds(self, features: Numbers) -> bool:
        """Return whether rows of shape (n, d) are constant there."""
        if not self.unseen.shape[1]:
            return True
        unseen = features @ self.unseen - self.shift @ self.unseen
        return bool((np.einsum("ij,ij->j", unseen, unseen) <= len(features)).all())


@dataclass(frozen=True, slots=True, eq=False)
class Largest(Sums):
    """The largest of some numbers that are not negative."""

    value: float

    def __add__(self, other: Self) -> Self:
        return type(self)(max(self.value, other.value))


@dataclass(frozen=True, slots=True, eq=False)
class LeverageOf(Work[Largest]):
    """Work: the largest squared length of centered rows in whitened coordinates, by the map W of shape (d, k)."""

    whiten: FloatArray

    def __call__(self, blocks: Iterable[Block]) -> Largest:
        """Return the largest one, 0 for no rows."""
        whitened = (features @ self.whiten for features, _ in blocks)
        lengths = (np.einsum("ij,ij->i", rows, rows).max(initial=0.0) for rows in whitened)
        return Largest(float(max(lengths, default=0.0)))


class Whitening:
    """A linear map W, d × k, with Wᵀ (Cov(x) + λ S²) W = I, k being the rank of the features.

    A row x is read as x − origin, and its prediction is (x − origin)ᵀ w + c. The loss is the mean squared error plus
    the penalty λ |S w|²; the diagonal matrix S has the scales of the features. The coefficient of a
    constant feature is 0. With v = (w, c) = E u, the Hessian of half the loss by u is the identity, as far as the
    covariance is known. So a Newton step is the gradient, and its squared length is the excess of the loss over the
    optimum.

    Parameters
    ----------
    factor : Factor
        Of a sample or of all rows.
    origin : ndarray of shape (d + 1,)
        What the reader subtracts from features and, last, target.
    penalty : Penalty, optional
        If λ > 0, k is the number of features that vary: redundant ones have a curvature, too.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp", section 4.3 (whitening). Avron, Maymounkov and Toledo
    (2010), "Blendenpik", and Meng, Saunders and Mahoney (2014), "LSRN" (preconditioners from a sample of the rows).
    """

    def __init__(self, factor: Factor, origin: FloatArray, penalty: Penalty | None = None) -> None:
        self._factor, self._origin = factor, origin
        self._mean = factor.mean[:-1]
        self._shift = self._mean - origin[:-1]
        self._scale = factor.deviations
        self.penalty = penalty or Penalty(0.0, self._scale)
        self._varies = self._scale > CONSTANT * np.abs(self._mean)
        self._whiten, self._null, cut = self._whitening_map()
        self._unseen = self._null / np.maximum(cut, np.finfo(np.float64).tiny)
        self.embedding: FloatArray = np.zeros((len(self._mean) + 1, self.rank + 1))
        self.embedding[:-1, :-1] = self._whiten
        self.embedding[-1, :-1] = -self._shift @ self._whiten
        self.embedding[-1, -1] = 1

    @property
    def rank(self) -> int:
        """k, the number of directions in which the features vary."""
        return int(self._whiten.shape[1])

    @property
    def is_full(self) -> bool:
        """Whether the features vary in all directions."""
        return self.rank == len(self._mean)

    @property
    def degrees_of_freedom(self) -> float:
        """The rank, or with a penalty the trace of the map from targets to predictions."""
        return float(np.sum((self._factor.features @ self._whiten) ** 2)) if self.penalty.strength else self.rank

    def least_squares(self) -> FloatArray:
        """Return the weights v, shape (d + 1,), at which the loss of the factored rows is least."""
        coefficients = self._whiten @ ((self._factor.features @ self._whiten).T @ self._factor.target_projection)
        return np.append(coefficients, self._factor.mean[-1] - self._origin[-1] - self._shift @ coefficients)

    def mean_squared_error(self, weights: FloatArray) -> float:
        """Return the mean squared error of the factored rows at their `least_squares` weights v (d + 1,)."""
        if not self.penalty.strength:
            return self._factor.loss
        bias = self._factor.target_projection - self._factor.features @ weights[:-1]
        return self._factor.loss + float(bias @ bias)

    def squared_distance(self, weights: FloatArray, other: FloatArray) -> float:
        """Return how much the loss grows from weights v (d + 1,) to `other` if `weights` are optimal."""
        moved = other - weights
        bend, level = self._factor.features @ moved[:-1], moved[-1] + self._shift @ moved[:-1]
        return float(bend @ bend + level**2) + self.penalty.at(moved)[0]

    def rounding(self, weights: FloatArray) -> float:
        """Return the mean squared error that rounding alone leaves at weights v (d + 1,).

        That is rounding of the products, as rows are read, and of the numbers in the table.
        """
        coefficients, target = weights[:-1], self._factor.triangle[:, -1]
        products = np.concatenate([coefficients * self._scale, coefficients * self._shift, weights[-1:], target])
        numbers = np.append(coefficients * self._mean, self._factor.mean[-1])
        return float(MAX_ROUNDING**2 * (products @ products) + (4 * EPSILON) ** 2 * (numbers @ numbers))

    @property
    def target_square(self) -> float:
        """The mean square of the target."""
        spread = self._factor.triangle[:, -1]
        return float(spread @ spread + self._factor.mean[-1] ** 2)

    def has_high_leverage(self, largest: float) -> bool:
        """Return whether a factored row, of squared length `largest` at most, has a leverage above `MAX_LEVERAGE`.

        The leverage of a row is its squared length in whitened coordinates (`LeverageOf`) over m. If a single row has a
        large one, the covariance of the sample differs much from that of the table.
        """
        return bool(largest > MAX_LEVERAGE * self._factor.rows + self.rank)

    @property
    def leverage(self) -> LeverageOf:
        """The work that measures the lengths of rows that are centered at the factored mean."""
        return LeverageOf(self._whiten)

    @property
    def span(self) -> Span:
        """The directions in which rows as they are read must be constant as the factored rows are."""
        return Span(self._unseen, self._shift)

    def model(self, weights: FloatArray, feature_names: tuple[str, ...]) -> LinearModel:
        """Return the model with weights v (d + 1,), in terms of the rows as they are in the table.

        Of all coefficients with the same predictions, those of smallest Euclidean norm are taken.
        """
        level = weights[-1] + self._shift @ weights[:-1] + self._origin[-1]
        coefficients = weights[:-1].copy()
        if self._null.shape[1]:
            coefficients -= self._null @ np.linalg.lstsq(self._null, coefficients, rcond=None)[0]
        return LinearModel(coefficients, level - self._mean @ coefficients, Encoding.of_numbers(feature_names))

    def _whitening_map(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return W; the directions, d × (d − k), in which the features are constant; and the spread of each at most.

        A triangular map leaves the long directions free of the large coefficients of short ones. If directions must be
        left out, the map goes along the principal axes of the features, scaled to length 1.
        """
        varies, scale = self._varies, self._scale[self._varies]
        scaled = self._factor.features[:, varies] / scale
        if self.penalty.strength:
            roots = np.sqrt(self.penalty.strength) * self.penalty.scales[varies] / scale
            scaled = np.asarray(np.linalg.qr(np.vstack([scaled, np.diag(roots)]), mode="r"))
        spread, axes = np.linalg.svd(scaled, full_matrices=False)[1:]
        far = np.linalg.norm(axes * (self._mean[varies] / scale), axis=1)  # rounding of numbers far from 0
        cut = np.maximum(MIN_SPREAD * spread.max(initial=0.0), 8 * EPSILON * far)
        kept = spread > cut
        whiten, null = np.zeros((len(varies), np.count_nonzero(kept))), np.eye(len(varies))[:, ~varies]
        if kept.all():
            triangle = scaled if varies.all() else np.linalg.qr(scaled, mode="r")
            whiten[varies] = np.linalg.inv(triangle) / scale[:, None]
            return whiten, null, CONSTANT * np.abs(self._mean[~varies])
        whiten[varies] = axes[kept].T / spread[kept] / scale[:, None]
        combined = np.zeros((len(varies), np.count_nonzero(~kept)))
        combined[varies] = axes[~kept].T / scale[:, None]
        lengths = np.linalg.norm(combined, axis=0)
        cuts = np.append(cut[~kept] / lengths, CONSTANT * np.abs(self._mean[~varies]))
        return whiten, np.column_stack([combined / lengths, null]), cuts
