"""Leverage: how far a row is from the training rows, as a share of the noise of a target."""

from functools import lru_cache

import numpy as np

from domain.data.arrays import FloatArray
from domain.features.encoding import Encoding
from domain.model.linear_model import BLOCK_ROWS
from domain.model.moments import MAX_FEATURES, Moments


def error_scale(encoding: Encoding, moments: Moments | None, values: FloatArray) -> FloatArray:
    """Return √(1 + leverage) of rows of values, shape (n_rows, n_features): how their errors grow away from the mean.

    It is 1 for all rows without moments, or with those of more than 512 terms. Each row is computed by itself and in
    the same order, so that the result is the same to the last bit alone or among others.

    The leverage is 1/n + (x - x̄)ᵀ (n Cov + S²)⁻¹ (x - x̄) for terms x and n training rows. The diagonal matrix S² of
    the terms' variances counts as one more row, as a ridge penalty of 1 does. It bounds the leverage in directions in
    which the training rows do not vary, such as that of a text which is none of the levels.

    References
    ----------
    Hoaglin and Welsch (1978), "The hat matrix in regression and ANOVA".
    """
    if moments is None or len(moments.mean) > MAX_FEATURES:
        return np.ones(len(values))
    rows = np.ascontiguousarray(values, dtype=np.float64)
    blocks = [rows[start : start + BLOCK_ROWS] for start in range(0, len(rows), BLOCK_ROWS)]
    scales = [_scale_of_terms(moments, np.asarray(encoding.encode(block), dtype=np.float64)) for block in blocks]
    return np.concatenate([np.empty(0), *scales])


def typical_error_scale(moments: Moments | None) -> float:
    """Return the root mean square of the error scale over the training rows; 1 where `error_scale` is 1."""
    if moments is None or len(moments.mean) > MAX_FEATURES:
        return 1.0
    parts = np.einsum("ij,kj->ik", moments.factor, _whitening(moments))
    return float(np.sqrt(1.0 + 1.0 / moments.rows + np.einsum("ij,ij->", parts, parts)))


def _scale_of_terms(moments: Moments, terms: FloatArray) -> FloatArray:
    """Return the scale, shape (n_rows,), of rows of terms, shape (n_rows, n_terms); no square overflows."""
    centered = np.ascontiguousarray(terms - moments.mean)
    with np.errstate(over="ignore", invalid="ignore"):
        parts = np.einsum("ij,kj->ik", centered, _whitening(moments))
        largest = np.max(np.abs(parts), axis=1, initial=1.0)
        parts /= largest[:, np.newaxis]
        squares = (1.0 + 1.0 / moments.rows) / largest / largest + np.einsum("ij,ij->i", parts, parts)
        scale: FloatArray = largest * np.sqrt(squares)
    return scale


@lru_cache(maxsize=4)
def _whitening(moments: Moments) -> FloatArray:
    """Return a lower triangular W, shape (d, d), with Wᵀ W = (n Cov + S²)⁻¹; a worker computes it once for a model."""
    with np.errstate(over="ignore", under="ignore"):
        deviations = np.sqrt(np.einsum("ij,ij->j", moments.factor, moments.factor))
    deviations[deviations == 0] = 1.0
    scaled = np.ascontiguousarray((moments.factor / deviations).T)
    products = moments.rows * np.einsum("ji,ki->jk", scaled, scaled)
    whitening: FloatArray = _inverse_root(products + np.eye(len(deviations))) / deviations
    return whitening


def _inverse_root(matrix: FloatArray) -> FloatArray:
    """Return a lower triangular W with W A Wᵀ = I for a matrix A, shape (d, d), whose eigenvalues are 1 or more.

    Every sum is one of `einsum`, so that the bits do not depend on kernels of linear algebra.
    """
    root, inverse = np.zeros_like(matrix), np.zeros_like(matrix)  # the inverse is transposed
    for place in range(len(matrix)):
        known = root[place, :place].copy()
        column = matrix[place:, place] - np.einsum("ij,j->i", root[place:, :place], known)
        pivot = np.sqrt(column[0])
        root[place:, place] = column / pivot
        inverse[:place, place] = np.einsum("ij,j->i", inverse[:place, :place], known) / -pivot
        inverse[place, place] = 1.0 / pivot
    return np.ascontiguousarray(inverse.T)
