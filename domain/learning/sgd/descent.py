"""Descent: one pass of stochastic gradient descent, whose average is corrected by one Newton step."""

import math
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray
from domain.learning.sgd.block_reader import BlockReader
from domain.learning.sgd.penalty import Penalty, RunningDeviations, penalty_scales
from domain.learning.sgd.whitening import Whitening


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """End of a descent.

    Parameters
    ----------
    weights : ndarray of shape (d + 1,)
    loss : float
        The mean squared error of the rows, each before its step.
    steps : int
    penalty : Penalty
        With the standard deviations of all rows, if there is a penalty.
    """

    weights: FloatArray
    loss: float
    steps: int
    penalty: Penalty


def descend(reader: BlockReader, space: Whitening, start: FloatArray, order: np.random.Generator) -> Descent | None:
    """Step through all rows once, a block a step, from the raw weights `start`, shape (d + 1,).

    Return None at the first block that varies in a direction which the space leaves out.

    The step from block t = 1, 2, … of B rows with residuals r is η Mg/B, with the gradient g = Xᵀr of half the squared
    error and the metric M = E Eᵀ of the whitened space. η is 2 rate / √t, with a rate of half a step to the block's own
    optimum, less where B is small for d. It is clipped to the length of a normalized step, η gᵀMg / |r|² ≤ B, so that a
    few huge rows do not throw the descent off. A shorter last block steps less. A penalty adds its share to g.

    The mean weights are then moved by one Newton step along the mean of the gradients seen on the way. If every block
    had the same Hessian, the mean gradient would be the gradient at the mean weights, and the result the optimum: the
    noise of the targets cancels. What remains is the difference of the blocks' Hessians. The Newton step takes the
    penalty with the standard deviations of all rows, which are those of the sample on the way.

    References
    ----------
    Robbins and Monro (1951), "A stochastic approximation method". Moulines and Bach (2011), "Non-asymptotic analysis
    of stochastic approximation algorithms for machine learning" (steps t^-a with averaging, ½ < a < 1; at a = ½ no
    constant is left to tune). Nagumo and Noda (1967), "A learning method for system identification" (normalized steps).
    Polyak and Juditsky (1992), "Acceleration of stochastic approximation by averaging". Arnold, Manzagol, Babanezhad,
    Mitliagkas and Le Roux (2019), "Reducing the variance in online optimization by transporting past gradients".
    """
    penalty, deviations = space.penalty, RunningDeviations(len(start) - 1)
    size, seen, squares, steps = reader.batch_size, 0, 0.0, 0
    rate, metric = 0.5 / (1 + 2 * len(start) / size), space.embedding @ space.embedding.T
    weights, gradient = start.copy(), np.empty_like(start)
    coefficients, of_coefficients = weights[:-1], gradient[:-1]  # views that follow every step
    sum_of_weights, sum_of_gradients = np.zeros_like(start), np.zeros_like(start)
    for features, target in reader.batches(order):
        if not space.spans(features):
            return None
        rows = len(target)
        residuals = features @ coefficients
        residuals -= target
        residuals += weights[-1]
        of_coefficients[:] = residuals @ features
        gradient[-1] = np.add.reduce(residuals)
        square = float(residuals @ residuals)
        sum_of_gradients += gradient
        if penalty.strength:
            deviations.add(features)
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
    if penalty.strength:
        penalty = Penalty(penalty.strength, penalty_scales(reader.rows.columns, deviations.values))
        sum_of_gradients[:-1] += penalty.at(sum_of_weights)[1]
    return Descent((sum_of_weights - metric @ sum_of_gradients) / seen, squares / seen, steps, penalty)
