"""Optimality certificate: the loss at given weights and the distance to the optimum, measured in one pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import Block, FloatArray
from domain.data.sums import Sums, Work
from domain.learning.sgd.whitening import Whitening

# A loss of this share of the target's mean square may be a perfect fit but for rounding.
MAX_PERFECT_LOSS = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class OptimalityCertificate:
    """The loss at some weights, exact but for rounding, and its distance from the optimum.

    Parameters
    ----------
    weights : ndarray of shape (d + 1,)
    loss : float
        The mean squared error there.
    relative_excess_loss : float
        The estimated excess of the loss and the penalty over their optimum, as a share of the optimum. Infinite if the
        excess is no less than the sum; 0 if the sum is rounding alone.
    corrected : ndarray of shape (d + 1,)
        The weights after a Newton step.
    """

    weights: FloatArray
    loss: float
    relative_excess_loss: float
    corrected: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LossSums(Sums):
    """Sums over rows: of squared residuals, and half of their gradient by the weights, shape (d + 1,)."""

    rows: int
    squares: float
    half_gradient: FloatArray

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.rows + other.rows, self.squares + other.squares, self.half_gradient + other.half_gradient
        )


@dataclass(frozen=True, slots=True, eq=False)
class LossAt(Work[LossSums]):
    """Work: the loss at raw weights, shape (d + 1,), and its gradient."""

    weights: FloatArray

    def __call__(self, blocks: Iterable[Block]) -> LossSums:
        """Return the sums."""
        coefficients, constant = self.weights[:-1], self.weights[-1]
        gradient, squares, rows = np.zeros_like(self.weights), 0.0, 0
        for features, target in blocks:
            residuals = features @ coefficients
            residuals -= target
            residuals += constant
            gradient[:-1] += residuals @ features
            gradient[-1] += np.add.reduce(residuals)
            squares += float(residuals @ residuals)
            rows += len(target)
        return LossSums(rows, squares, gradient)


def certify(sums: LossSums, space: Whitening, weights: FloatArray) -> OptimalityCertificate:
    """Return the certificate of `weights`, shape (d + 1,), by the sums of all rows there."""
    loss, half_gradient = sums.squares / sums.rows, sums.half_gradient / sums.rows
    penalty, half_penalty_gradient = space.penalty.at(weights)
    half_gradient[:-1] += half_penalty_gradient
    gradient = space.embedding.T @ half_gradient
    excess = _relative_excess_loss(loss + penalty, float(gradient @ gradient), space, weights)
    return OptimalityCertificate(weights, loss, excess, weights - space.embedding @ gradient)


def _relative_excess_loss(loss: float, newton_decrease: float, space: Whitening, weights: FloatArray) -> float:
    """Return gᵀH⁻¹g over the optimum, with the Hessian H = I of whitened rows.

    Rounding counts as a perfect fit only while it is a small part of the target; huge coefficients can make it large.
    """
    if loss <= space.rounding(weights) <= MAX_PERFECT_LOSS * space.target_square:
        return 0.0
    return newton_decrease / (loss - newton_decrease) if loss > newton_decrease else float("inf")
