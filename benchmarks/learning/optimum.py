"""The least-squares optimum of a table, and how far from it an answer is: the judge of all contenders."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# Rows whose moments are taken at once.
BLOCK_ROWS = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a contender found.

    Parameters
    ----------
    coefficients : ndarray of shape (d,)
    intercept : float
    """

    coefficients: FloatArray
    intercept: float


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """The mean squared error of a table as a quadratic around its minimum.

    Parameters
    ----------
    answer : Answer
        The minimum.
    mean : ndarray of shape (d,)
        Of the features.
    covariance : ndarray of shape (d, d)
    loss : float
        The mean squared error there.
    """

    answer: Answer
    mean: FloatArray
    covariance: FloatArray
    loss: float

    @classmethod
    def of(cls, blocks: Iterable[tuple[FloatArray, FloatArray]]) -> Self:
        """Add up the moments of blocks of features and target, around the means of the first one, and solve.

        The tables of this benchmark are well conditioned: what rounding leaves is an excess of about 1e-28.
        """
        rows, shift, sums, products = 0, np.empty(0), np.zeros(1), np.zeros((1, 1))
        for features, target in blocks:
            table = np.column_stack((features, target))
            shift = shift if rows else table.mean(axis=0)
            table -= shift
            rows += len(table)
            sums = sums + table.sum(axis=0)
            products = products + table.T @ table
        mean = sums / rows
        moments = products / rows - np.outer(mean, mean)
        covariance, cross = moments[:-1, :-1], moments[:-1, -1]
        coefficients: FloatArray = np.linalg.solve(covariance, cross)
        mean += shift
        intercept = float(mean[-1] - coefficients @ mean[:-1])
        loss = float(moments[-1, -1] - coefficients @ cross)
        return cls(Answer(coefficients, intercept), mean[:-1], covariance, loss)

    def excess(self, answer: Answer) -> float:
        """Return how much larger the mean squared error of an answer is, as a share of the optimum."""
        away = answer.coefficients - self.answer.coefficients
        constant = answer.intercept - self.answer.intercept + float(self.mean @ away)
        return (float(away @ self.covariance @ away) + constant**2) / self.loss


def blocks_of(features: FloatArray, target: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield a table in memory block by block."""
    for start in range(0, len(target), BLOCK_ROWS):
        yield features[start : start + BLOCK_ROWS], target[start : start + BLOCK_ROWS]
