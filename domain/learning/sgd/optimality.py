"""How far weights are from the optimum, by one reading of all rows."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import Block, FloatArray
from domain.learning.sgd.whitening import Whitening

# A loss of this share of the target's mean square may be a perfect fit but for rounding.
PERFECT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """The loss and its gradient at weights v, exact but for rounding.

    Parameters
    ----------
    weights : ndarray of shape (d + 1,)
    loss : float
        The mean squared error there.
    relative_excess_loss : float
        The estimated excess of the loss over its optimum, as a share of the optimum; infinite if it is no less than the
        loss, 0 if the loss itself is nothing but rounding.
    corrected : ndarray of shape (d + 1,)
        The weights after a Newton step.
    """

    weights: FloatArray
    loss: float
    relative_excess_loss: float
    corrected: FloatArray


def certify(blocks: Iterable[Block], space: Whitening, weights: FloatArray) -> Certificate:
    """Read all rows once and return the certificate of `weights`, shape (d + 1,)."""
    coefficients, constant = weights[:-1], weights[-1]
    raw, squares, rows = np.zeros_like(weights), 0.0, 0
    for features, target in blocks:
        residuals = features @ coefficients
        residuals -= target
        residuals += constant
        raw[:-1] += residuals @ features
        raw[-1] += np.add.reduce(residuals)
        squares += float(residuals @ residuals)
        rows += len(target)
    loss, gradient = squares / rows, space.embedding.T @ raw / rows
    corrected = weights - space.embedding @ gradient
    return Certificate(weights, loss, _excess_risk(loss, float(gradient @ gradient), space, weights), corrected)


def _excess_risk(loss: float, excess: float, space: Whitening, weights: FloatArray) -> float:
    """Return gᵀH⁻¹g over the optimum, with the Hessian H = I of whitened rows.

    Coefficients so huge that rounding is much of the target as well do not make a perfect fit.
    """
    if loss <= space.rounding(weights) <= PERFECT * space.target_square:
        return 0.0
    return excess / (loss - excess) if loss > excess else float("inf")
