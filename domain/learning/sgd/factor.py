"""Factor: mean of rows and a triangular factor of their covariance, updated block by block."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import Block, FloatArray
from domain.data.sums import Sums, Work
from domain.model.moments import Moments

# Smallest distance of a column of length 1 from the span of the others at which squaring the columns is safe:
# it then costs 1e-16 / 1e-6 of their products, which a Newton step wins back.
MIN_DISTANCE = 1e-3
# Smallest penalty λ at which squaring is safe for all columns: it then costs 1e-16 / 1e-8 of the penalized products.
MIN_PENALTY = 1e-8
# Rows of a QR, at least, and four a column: few enough to stay in a cache of the processor.
MIN_QR_ROWS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """Mean and covariance of rows of features and, last, the target.

    Parameters
    ----------
    rows : int
    mean : ndarray of shape (d + 1,)
    triangle : ndarray of shape (d + 1, d + 1)
        Upper triangular R with RᵀR = Cov.
    """

    rows: int
    mean: FloatArray
    triangle: FloatArray

    @classmethod
    def of(cls, blocks: Iterable[Block], origin: FloatArray, penalty: float = 0.0) -> Self:
        """Return the factor of blocks from which `origin`, shape (d + 1,), has been subtracted, as `FactorOf` does."""
        return cls.from_sums(FactorOf(len(origin), penalty)(blocks), origin)

    @classmethod
    def from_sums(cls, sums: "FactorSums", origin: FloatArray) -> Self:
        """Return the factor of rows that `origin`, shape (d + 1,), was subtracted from before they were summed."""
        triangle = root(sums.matrix) if sums.is_squared else sums.matrix
        return cls(sums.rows, origin + triangle[0, 1:] / triangle[0, 0], triangle[1:, 1:] / np.sqrt(sums.rows))

    def pooled(self, other: Self) -> Self:
        """Return the factor of both sets of rows, which may have been read from different origins."""
        rows, apart = self.rows + other.rows, other.mean - self.mean
        between = np.sqrt(self.rows * (other.rows / rows)) * apart
        tables = [np.sqrt(each.rows) * each.triangle for each in (self, other)]
        triangle = np.linalg.qr(np.vstack([*tables, between]), mode="r") / np.sqrt(rows)
        return type(self)(rows, self.mean + other.rows / rows * apart, triangle)

    @property
    def features(self) -> FloatArray:
        """The factor of the features' covariance, shape (d, d)."""
        return self.triangle[:-1, :-1]

    @property
    def deviations(self) -> FloatArray:
        """The standard deviations of the features, shape (d,)."""
        return np.asarray(np.linalg.norm(self.features, axis=0))

    @property
    def target_projection(self) -> FloatArray:
        """The target's part in the space of that factor, shape (d,): least squares solves `features` @ w = this."""
        return self.triangle[:-1, -1]

    @property
    def loss(self) -> float:
        """The least mean squared error without a penalty; 0 if the rows determine no residual."""
        return float(self.triangle[-1, -1] ** 2)

    def moments(self, rows: int, loss: float, used: float) -> Moments:
        """Return the moments for the record of a model with `used` degrees of freedom and this loss on `rows`."""
        freedom = rows - used - 1
        return Moments(rows, self.rows, self.mean[:-1], self.features, loss * rows / freedom if freedom > 0 else None)


@dataclass(frozen=True, slots=True, eq=False)
class FactorSums(Sums):
    """Rows (1, x, y) below each other, as their triangular factor or as their products, shape (d + 2, d + 2)."""

    rows: int
    matrix: FloatArray
    is_squared: bool

    def __add__(self, other: Self) -> Self:
        matrix = self.matrix + other.matrix if self.is_squared else updated(self.matrix, other.matrix)
        return type(self)(self.rows + other.rows, matrix, self.is_squared)


@dataclass(frozen=True, slots=True, eq=False)
class FactorOf(Work[FactorSums]):
    """Work: the factor of rows of features and target, `columns` in all, for a fit with the penalty λ.

    The first column of the factored table is 1: eliminating it takes the mean out of the others. A penalty allows to
    add up products, which is several times faster than QR where columns are redundant.
    """

    columns: int
    penalty: float = 0.0

    def __call__(self, blocks: Iterable[Block]) -> FactorSums:
        """Return the sums of the blocks."""
        is_squared, rows = self.penalty >= MIN_PENALTY, 0
        matrix = np.zeros((self.columns + 1, self.columns + 1))
        for features, target in blocks:
            rows += len(target)
            table = np.column_stack([np.ones(len(target)), features, target])
            matrix = matrix + table.T @ table if is_squared else updated(matrix, table)
        return FactorSums(rows, matrix, is_squared)


def updated(triangle: FloatArray, table: FloatArray) -> FloatArray:
    """Return the triangular R with RᵀR = triangleᵀ triangle + tableᵀ table.

    A Cholesky factor of these products is several times faster than QR of the rows, and taken where no column
    depends nearly on others. QR loses half as many digits, and is taken elsewhere.

    References
    ----------
    Demmel, Grigori, Hoemmen and Langou (2012), "Communication-optimal parallel and sequential QR and LU
    factorizations".
    """
    products = triangle.T @ triangle + table.T @ table
    lengths = np.sqrt(products.diagonal())
    lengths[lengths == 0] = 1
    try:
        scaled = np.linalg.cholesky(products / lengths / lengths[:, None]).T
        if scaled.diagonal().min() > MIN_DISTANCE:
            return np.asarray(scaled * lengths)
    except np.linalg.LinAlgError:
        pass
    part, rows = table[:0], max(MIN_QR_ROWS, 4 * table.shape[1])
    for start in range(0, len(table), rows):
        part = np.asarray(np.linalg.qr(np.vstack([part, table[start : start + rows]]), mode="r"))
    return np.asarray(np.linalg.qr(np.vstack([triangle, part]), mode="r"))


def root(products: FloatArray) -> FloatArray:
    """Return a triangular R with RᵀR = products, of any rank, with half the digits of the products."""
    lengths = np.sqrt(products.diagonal())
    divisors = np.where(lengths > 0, lengths, 1)
    values, axes = np.linalg.eigh(products / divisors / divisors[:, None])
    roots = np.sqrt(np.maximum(values, 0))[:, None] * axes.T
    return np.asarray(np.linalg.qr(roots, mode="r") * lengths)
