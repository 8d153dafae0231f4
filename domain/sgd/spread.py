"""How rows spread: their mean, and their covariance as a triangular factor, which loses no digits to squaring."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.dataset import FloatArray
from domain.rows import Block, Numbers

# Correlations whose least eigenvalue is below this share of the largest have lost half of their digits: the factor of
# the rows themselves, which are not squared, keeps them.
SAFE_TO_SQUARE = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Mean and covariance of rows.

    Parameters
    ----------
    rows : int
    mean : ndarray of shape (d,)
    factor : ndarray of shape (r, d)
        R with RᵀR = Cov.
    """

    rows: int
    mean: FloatArray
    factor: FloatArray

    @classmethod
    def of(
        cls, read: Callable[[], Iterable[Block]], centre: FloatArray, basis: FloatArray, rounding: FloatArray
    ) -> Self:
        """Return the spread of the features x as (x − centre)ᵀ basis; `read` gives every block once.

        Products of the rows are quick to add up, and enough where no direction is much shorter than the others, those
        apart that are shorter than `rounding` (d,). Otherwise the rows are read again, for a factor of their own.
        """
        spread = cls._by_products(read(), centre, basis)
        lengths = np.linalg.norm(spread.factor, axis=0)
        varies = lengths > rounding
        values = np.linalg.svd(spread.factor[:, varies] / lengths[varies], compute_uv=False)
        safe = not len(values) or values[-1] ** 2 > SAFE_TO_SQUARE * values[0] ** 2
        return spread if safe else cls._by_factor(read(), centre, basis)

    @classmethod
    def _by_products(cls, blocks: Iterable[Block], centre: FloatArray, basis: FloatArray) -> Self:
        rows, sums, products = 0, np.zeros(len(centre)), np.zeros((len(centre), len(centre)))
        for features, target in blocks:
            along = (features - centre) @ basis
            rows += len(target)
            sums += along.sum(axis=0)
            products += along.T @ along
        mean = sums / rows
        covariance = products / rows - np.outer(mean, mean)
        lengths = np.sqrt(np.maximum(covariance.diagonal(), 0.0))
        scale = np.where(lengths > 0, lengths, 1.0)
        values, vectors = np.linalg.eigh(covariance / (scale * scale[:, None]))
        return cls(rows, mean, np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T * lengths)

    @classmethod
    def _by_factor(cls, blocks: Iterable[Block], centre: FloatArray, basis: FloatArray) -> Self:
        """Take the triangular factor block by block; a column of ones before the others takes the mean out of them."""
        rows = 0

        def tables() -> Iterator[FloatArray]:
            nonlocal rows
            for features, target in blocks:
                rows += len(target)
                yield np.column_stack([np.ones(len(target)), (features - centre) @ basis])

        factor = triangular_factor(tables(), len(centre) + 1)
        return cls(rows, factor[0, 1:] / factor[0, 0], factor[1:, 1:] / np.sqrt(rows))

    def pooled(self, other: "Spread") -> "Spread":
        """Return the spread of both sets of rows together."""
        total = self.rows + other.rows
        mine, others = self.rows / total, other.rows / total
        apart = np.sqrt(mine * others) * (other.mean - self.mean)
        stacked = np.vstack([np.sqrt(mine) * self.factor, np.sqrt(others) * other.factor, apart])
        return Spread(total, self.mean + others * (other.mean - self.mean), triangular_factor([stacked], len(apart)))

    def along(self, centre: FloatArray, basis: FloatArray) -> "Spread":
        """Return the spread of the rows x as (x − centre)ᵀ basis."""
        return Spread(self.rows, (self.mean - centre) @ basis, self.factor @ basis)


def triangular_factor(tables: Iterable[Numbers], columns: int) -> FloatArray:
    """Return R of at most `columns` rows with RᵀR = AᵀA, where A are the tables below each other.

    References
    ----------
    Demmel, Grigori, Hoemmen and Langou (2012), "Communication-optimal parallel and sequential QR and LU
    factorizations".
    """
    factor = np.zeros((0, columns))
    for table in tables:
        factor = np.asarray(np.linalg.qr(np.vstack([factor, table]), mode="r"))
    return factor
