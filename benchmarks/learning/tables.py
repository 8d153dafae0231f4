"""Benchmark tables, drawn at random, and the true excess of an answer on them."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.dataset import Dataset

FloatArray = npt.NDArray[np.float64]
Block = tuple[FloatArray, FloatArray]

SEED, INTERCEPT = 20_240_229, 3.0
BLOCK_ROWS, DRAWN_ROWS = 65_536, 250_000


class Answer(NamedTuple):
    """Coefficients of shape (d,) and the intercept that a contender found."""

    coefficients: FloatArray
    intercept: float


def drawn(rows: int, columns: int) -> Dataset:
    """Return independent standard normal features, and a linear target with standard normal noise."""
    generator = np.random.default_rng(SEED)
    coefficients = generator.standard_normal(columns)
    features, target = np.empty((rows, columns)), np.empty(rows)
    for start in range(0, rows, DRAWN_ROWS):
        draw(generator, coefficients, features[start : start + DRAWN_ROWS], target[start : start + DRAWN_ROWS])
    return Dataset(features, target, [f"x{column}" for column in range(columns)], "y")


def draw(generator: np.random.Generator, coefficients: FloatArray, features: FloatArray, target: FloatArray) -> None:
    """Fill `features` and `target` in place."""
    generator.standard_normal(out=features)
    generator.standard_normal(out=target)
    target += features @ coefficients + INTERCEPT


def blocks_of(table: Dataset) -> Iterator[Block]:
    """Yield features and target block by block."""
    for start in range(0, len(table.target), BLOCK_ROWS):
        yield table.features[start : start + BLOCK_ROWS], table.target[start : start + BLOCK_ROWS]


def true_excess(blocks: Iterable[Block]) -> Callable[[Answer], float]:
    """Return the function from an answer to its mean squared error over that of the optimum, less 1.

    The moments are summed around the means of the first block: rounding leaves an excess of about 1e-28.
    """
    rows, shift, sums, products = 0, np.empty(0), np.zeros(1), np.zeros((1, 1))
    for block in blocks:
        table = np.column_stack(block)
        shift = shift if rows else table.mean(axis=0)
        table -= shift
        rows, sums, products = rows + len(table), sums + table.sum(axis=0), products + table.T @ table
    mean = sums / rows
    moments = products / rows - np.outer(mean, mean)
    covariance, cross, variance = moments[:-1, :-1], moments[:-1, -1], moments[-1, -1]
    optimum = np.linalg.solve(covariance, cross)
    mean += shift
    intercept, loss = mean[-1] - optimum @ mean[:-1], variance - optimum @ cross

    def excess(answer: Answer) -> float:
        away = answer.coefficients - optimum
        constant = answer.intercept - intercept + mean[:-1] @ away
        return float((away @ covariance @ away + constant**2) / loss)

    return excess
