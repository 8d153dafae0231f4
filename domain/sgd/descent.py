"""One pass of stochastic gradient descent, whose average is corrected by one Newton step that costs nothing."""

import math
from dataclasses import dataclass

import numpy as np

from domain.dataset import FloatArray
from domain.sgd.reading import Reader


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """What a pass leaves: sums over its rows of the weights they met, of their gradients, and of their squared errors.

    Sums add up: those of several machines, each with rows of its own, make one `Average`. `explained` has for each step
    the share of its block's squared error that a Newton step would take away.
    """

    weights: FloatArray
    gradient: FloatArray
    squares: float
    rows: int
    steps: int
    clipped: int
    explained: list[float]

    def corrected(self, metric: FloatArray) -> FloatArray:
        """Return the mean weights moved by one Newton step along the mean of the gradients seen on the way.

        If every block had the same Hessian, the mean gradient would be exactly the gradient at the mean weights, and
        this the optimum: the noise of the targets cancels. What remains is the difference of the blocks' Hessians.

        References
        ----------
        Polyak and Juditsky (1992), "Acceleration of stochastic approximation by averaging". Arnold, Manzagol,
        Babanezhad, Mitliagkas and Le Roux (2019), "Reducing the variance in online optimization by transporting past
        gradients".
        """
        corrected: FloatArray = (self.weights - metric @ self.gradient) / self.rows
        return corrected

    @property
    def loss(self) -> float:
        """Mean squared error of the rows, each before it was learnt from."""
        return self.squares / self.rows


def descend(
    reader: Reader, metric: FloatArray, start: FloatArray, rate: float, order: np.random.Generator | None
) -> Average:
    """Step through all rows once, a block a step, from the raw weights `start`, shape (d + 1,).

    The step from block t = 1, 2, … of B rows with residuals r is η Mg/B, with the gradient g = Xᵀr of half the squared
    error, the metric M of the whitened space, and η = 2 rate / √t. It is clipped to the length of a normalised step,
    η gᵀMg / |r|² ≤ B, which keeps a few huge rows from throwing it off. A shorter last block steps less.

    References
    ----------
    Robbins and Monro (1951), "A stochastic approximation method". Moulines and Bach (2011), "Non-asymptotic analysis
    of stochastic approximation algorithms for machine learning" (steps t^-a with averaging, ½ < a < 1; at a = ½ no
    constant is left to tune). Nagumo and Noda (1967), "A learning method for system identification" (normalised steps).
    """
    size, seen, clipped, squares = reader.size, 0, 0, 0.0
    weights, gradient = start.copy(), np.empty_like(start)
    coefficients, of_coefficients = weights[:-1], gradient[:-1]  # views that follow every step
    sum_of_weights, sum_of_gradients = np.zeros_like(start), np.zeros_like(start)
    explained: list[float] = []
    for features, target in reader.blocks(order):
        rows = len(target)
        residuals = features @ coefficients.astype(features.dtype, copy=False)
        residuals -= target
        residuals += weights[-1]
        of_coefficients[:] = residuals @ features
        gradient[-1] = np.add.reduce(residuals)
        square = float(residuals @ residuals)
        step = metric @ gradient
        along = float(gradient @ step)
        sum_of_weights += rows * weights
        sum_of_gradients += gradient
        squares += square
        seen += rows
        explained.append(along / (rows * square) if square else 0.0)
        length = 2 * rate * min(1.0, math.sqrt(size / seen))
        if length * along > square * size:
            length = square * size / along
            clipped += 1
        step *= length / size
        weights -= step
    return Average(sum_of_weights, sum_of_gradients, squares, seen, len(explained), clipped, explained)
