"""Sample: the rows that a fit begins with, which show how the features vary together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import Block, FloatArray
from domain.data.sums import Sums, Work
from domain.learning.sgd.factor import Factor

MIN_SAMPLE_ROWS = 4096
# Standard deviations between 0 and the mean of a column, at most. Columns further away are centered before they are
# multiplied; otherwise the digits that their values share would leave too few for the residuals.
MAX_OFFSET = 1e4


def sample_size(rows: int, columns: int) -> int:
    """Return how many of `rows` to take for `columns` features.

    With m rows, each Newton step shrinks the excess by about columns / m; 64 rows a column make that 1/64, and more
    would cost more than the pass they save. Tables of fewer than 16 rows a column are taken whole: a sample that is
    nearly the table saves nothing.
    """
    if rows < 16 * columns:
        return rows
    worth_a_pass = max(MIN_SAMPLE_ROWS, 4 * columns, 48 * rows // columns)
    return int(min(rows, max(MIN_SAMPLE_ROWS, min(64 * columns, worth_a_pass))))


def centered(sample: Block) -> tuple[Block, FloatArray]:
    """Return the rows of `sample` less their means, and the means, shape (d + 1,), of the target last."""
    features, target = sample.features.astype(np.float64), sample.target.astype(np.float64)
    means = np.full(len(target), 1 / len(target)) @ features
    target_mean = target.mean()
    features -= means
    target -= target_mean
    return Block(features, target), np.append(means, target_mean)


@dataclass(frozen=True, slots=True, eq=False)
class SampleFactor(Sums):
    """Factor of a sample, and its `center`: the means of features and, last, target, shape (d + 1,)."""

    center: FloatArray
    factor: Factor

    def __add__(self, other: Self) -> Self:
        share = other.factor.rows / (self.factor.rows + other.factor.rows)
        center = self.center + share * (other.center - self.center)
        return type(self)(center, self.factor.pooled(other.factor))


@dataclass(frozen=True, slots=True, eq=False)
class SampleFactorOf(Work[SampleFactor]):
    """Work: the factor of a sample about its own mean, for a fit with the penalty λ."""

    penalty: float = 0.0

    def __call__(self, blocks: Iterable[Block]) -> SampleFactor:
        """Return the factor of the only block."""
        (block,) = blocks
        sample, center = centered(block)
        return SampleFactor(center, Factor.of([sample], center, self.penalty))


def is_far_from_zero(factor: Factor) -> bool:
    """Return whether rows like these must be centered before they are multiplied."""
    spread = np.linalg.norm(factor.triangle, axis=0)
    return bool((np.abs(factor.mean) > MAX_OFFSET * spread)[spread > 0].any())
