"""Ridge regression at several penalties, with the prediction of each row from the others, by one decomposition."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import FloatArray, Mask, Numbers

# Below this share of its largest magnitude, the spread of a term is rounding.
MIN_SPREAD = 8 * float(np.finfo(np.float64).eps)
# Below this share of the largest curvature, a curvature is rounding.
MIN_CURVATURE = 1e-13
# Share of a row's residual that its own prediction leaves, at least.
MIN_LEFT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class RidgePath:
    """Ridge regression of a target on scaled terms, at each of p penalties.

    Parameters
    ----------
    coefficients : ndarray of shape (d, p)
    left_out : ndarray of shape (n, p)
        Predictions of each row by the coefficients that the other rows give (leave-one-out).

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), "The Elements of Statistical Learning", section 7.10, equation 7.64.
    """

    coefficients: FloatArray
    left_out: FloatArray

    @classmethod
    def fit(cls, terms: FloatArray, target: FloatArray, penalties: FloatArray) -> Self:
        """Return the path for terms with mean 0, shape (n, d), and penalties on the sum of squared errors.

        The decomposition is that of the smaller one of termsᵀ terms and terms termsᵀ.
        """
        rows, columns = terms.shape
        mean = target.mean()
        if columns <= rows:
            curvatures, axes = np.linalg.eigh(terms.T @ terms)
            scores = terms @ axes
        else:
            curvatures, scores = np.linalg.eigh(terms @ terms.T)
            scores *= np.sqrt(np.maximum(curvatures, 0.0))
        kept = curvatures > MIN_CURVATURE * curvatures.max(initial=0.0)
        scores = scores[:, kept]
        shrunk = 1.0 / (curvatures[kept, None] + penalties)
        weights = (scores.T @ (target - mean))[:, None] * shrunk
        residuals = (target - mean)[:, None] - scores @ weights
        if columns <= rows:
            coefficients = axes[:, kept] @ weights
        else:
            coefficients = terms.T @ (scores @ (weights / curvatures[kept, None]))
        leverages = 1.0 / rows + np.square(scores, out=scores) @ shrunk
        return cls(coefficients, target[:, None] - residuals / np.maximum(1.0 - leverages, MIN_LEFT))


def scaled(terms: Numbers, booleans: Mask) -> FloatArray:
    """Return the terms, shape (n, d), with mean 0 and, but for booleans, standard deviation 1; constant ones are 0."""
    centered: FloatArray = terms - terms.mean(axis=0)
    largest = np.abs(centered).max(axis=0, initial=0.0)
    varies = largest > MIN_SPREAD * np.abs(terms).max(axis=0, initial=0.0)
    centered[:, ~varies] = 0.0
    centered /= np.where(booleans | ~varies, 1.0, largest)
    centered -= centered.mean(axis=0)
    deviations = np.sqrt(np.einsum("ij,ij->j", centered, centered) / len(terms))
    centered /= np.where(booleans | ~varies, 1.0, deviations)
    return centered
