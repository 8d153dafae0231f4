"""The least-squares answer of the sample: the start of a descent, or the end where the sample is the table."""

import numpy as np

from domain.dataset import FloatArray
from domain.sgd.certificate import Certificate

# Newton steps with measured residuals after the first: each wins back digits that the whitening lost.
CORRECTIONS = 2


def solve(whitened: FloatArray, target: FloatArray, *, corrections: int = 0) -> Certificate:
    """Return the least-squares point of whitened rows (m, k), with its loss and what is left of the gradient."""
    best = _at(whitened, target, np.zeros(whitened.shape[1] + 1))
    for _ in range(1 + corrections):
        best = _at(whitened, target, best.point - best.gradient)
    return best


def rests_on_few_rows(whitened: FloatArray) -> bool:
    """Tell whether less than about ten rows determine the spread of a sample (m, k) along some direction.

    The leverage of a row, its squared length over m, is the share of it that the row itself makes up somewhere. Where a
    tenth depends on one row, the covariance of the sample says little about that of the table.
    """
    rows, rank = whitened.shape
    leverage = np.einsum("ij,ij->i", whitened, whitened).max(initial=0.0) / rows
    return bool(leverage > 0.1 + rank / rows)


def _at(whitened: FloatArray, target: FloatArray, point: FloatArray) -> Certificate:
    residuals = whitened @ point[:-1] + (point[-1] - target)
    gradient = np.append(residuals @ whitened, residuals.sum()) / len(target)
    return Certificate(point, gradient, float(residuals @ residuals) / len(target))
