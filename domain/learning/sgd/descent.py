"""Descent: one pass of stochastic gradient descent, whose average is corrected by one Newton step."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import Block, FloatArray
from domain.data.sums import Sums, Work
from domain.learning.sgd.penalty import ColumnSums, Penalty
from domain.learning.sgd.whitening import Span


@dataclass(frozen=True, slots=True, eq=False)
class DescentSums(Sums):
    """Sums over the rows of a descent.

    Parameters
    ----------
    weights, gradient : ndarray of shape (d + 1,)
        Sums over rows of the weights before a row's step, and over steps of the gradient of half the squared error.
    squares : float
        Of the residuals of the rows, each before its step.
    rows, steps : int
    columns : ColumnSums
        Of the features if there is a penalty, else of no rows.
    is_spanned : bool
        Whether no block varies in a direction which the space leaves out; such a block ends the descent.
    """

    weights: FloatArray
    gradient: FloatArray
    squares: float
    rows: int
    steps: int
    columns: ColumnSums
    is_spanned: bool

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.weights + other.weights,
            self.gradient + other.gradient,
            self.squares + other.squares,
            self.rows + other.rows,
            self.steps + other.steps,
            self.columns + other.columns,
            self.is_spanned and other.is_spanned,
        )

    @property
    def loss(self) -> float:
        """The mean squared error of the rows, each before its step."""
        return self.squares / self.rows

    def corrected(self, metric: FloatArray, penalty: Penalty) -> FloatArray:
        """Return the mean weights, moved by one Newton step along the mean of the gradients seen on the way.

        If every block had the same Hessian, the mean gradient would be the gradient at the mean weights, and the result
        the optimum: the noise of the targets cancels. What remains is the difference of the blocks' Hessians. The step
        takes the penalty with the standard deviations of all rows, which are those of the sample on the way.
        """
        gradient = self.gradient.copy()
        gradient[:-1] += penalty.at(self.weights)[1]
        return np.asarray((self.weights - metric @ gradient) / self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Descent(Work[DescentSums]):
    """Work: steps through rows once, a block a step, from the raw weights `start`, shape (d + 1,).

    The step from block t = 1, 2, … of B rows with residuals r is η Mg/B, with the gradient g = Xᵀr of half the squared
    error and the metric M = E Eᵀ of the whitened space. η is 2 rate / √t, with a rate of half a step to the block's own
    optimum, less where B is small for d. It is clipped to the length of a normalized step, η gᵀMg / |r|² ≤ B, so that a
    few huge rows do not throw the descent off. A shorter last block steps less. A penalty adds its share to g.

    The pieces of a table descend each from `start`. Their means are averaged before the one correction.

    Parameters
    ----------
    start : ndarray of shape (d + 1,)
    metric : ndarray of shape (d + 1, d + 1)
    size : int
        B, the rows of a full block.
    penalty : Penalty
    span : Span
        Directions in which the rows must vary only.

    References
    ----------
    Robbins and Monro (1951), "A stochastic approximation method". Moulines and Bach (2011), "Non-asymptotic analysis
    of stochastic approximation algorithms for machine learning" (steps t^-a with averaging, ½ < a < 1; at a = ½ no
    constant is left to tune). Nagumo and Noda (1967), "A learning method for system identification" (normalized steps).
    Polyak and Juditsky (1992), "Acceleration of stochastic approximation by averaging". Arnold, Manzagol, Babanezhad,
    Mitliagkas and Le Roux (2019), "Reducing the variance in online optimization by transporting past gradients".
    """

    start: FloatArray
    metric: FloatArray
    size: int
    penalty: Penalty
    span: Span

    def __call__(self, blocks: Iterable[Block]) -> DescentSums:
        """Return the sums, which end at the first block that varies in a direction which the space leaves out."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._sums(blocks)

    def _sums(self, blocks: Iterable[Block]) -> DescentSums:
        start, metric, size, penalty = self.start, self.metric, self.size, self.penalty
        columns, is_spanned = ColumnSums.none(len(start) - 1), True
        seen, squares, steps, rate = 0, 0.0, 0, 0.5 / (1 + 2 * len(start) / size)
        weights, gradient = start.copy(), np.empty_like(start)
        coefficients, of_coefficients = weights[:-1], gradient[:-1]  # views that follow every step
        sum_of_weights, sum_of_gradients = np.zeros_like(start), np.zeros_like(start)
        for features, target in blocks:
            is_spanned = self.span.holds(features)
            if not is_spanned:
                break
            rows = len(target)
            residuals = features @ coefficients
            residuals -= target
            residuals += weights[-1]
            of_coefficients[:] = residuals @ features
            gradient[-1] = np.add.reduce(residuals)
            square = float(residuals @ residuals)
            sum_of_gradients += gradient
            if penalty.strength:
                columns += ColumnSums.of(features)
                of_coefficients += rows * penalty.at(weights)[1]
            step = metric @ gradient
            newton_decrease = float(gradient @ step)
            sum_of_weights += rows * weights
            squares += square
            seen += rows
            steps += 1
            length = 2 * rate * min(1.0, math.sqrt(size / seen))
            if length * newton_decrease > square * size:
                length = square * size / newton_decrease
            step *= length / size
            weights -= step
        return DescentSums(sum_of_weights, sum_of_gradients, squares, seen, steps, columns, is_spanned)
