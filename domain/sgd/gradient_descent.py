"""Textbook gradient descent: every step uses all rows, at a fixed rate, from zero. It has a closed form."""

import numpy as np

from domain.dataset import FloatArray
from domain.sgd.quadratic import Quadratic

# Below this share of a full step, powers are taken by logarithms.
FLAT = 0.1


def weights_after(steps: int, rate: float, quadratic: Quadratic) -> FloatArray:
    """Return the weights (d + 1,) after that many steps v ← v − rate ∇f(v), from 0.

    Along the axis of curvature λ a step shrinks the distance from the minimum by 1 − 2 rate λ, whatever the other axes
    do; so the work does not grow with the number of steps.
    """
    gone = 1 - (1 - 2 * rate * quadratic.curvature) ** steps
    flat = 2 * rate * quadratic.curvature < FLAT
    # Along an axis that is nearly flat the power is nearly 1, and the difference would lose its digits.
    gone[flat] = -np.expm1(steps * np.log1p(-2 * rate * quadratic.curvature[flat]))
    weights: FloatArray = quadratic.axes @ (gone * (quadratic.axes.T @ quadratic.least))
    return weights


def excesses(steps: int, rate: float, quadratic: Quadratic) -> FloatArray:
    """Return the excess of the loss over its optimum after 1, 2, …, `steps` steps, shape (steps,).

    They are Σ λ z² s²ᵗ over the axes, with z the distance of the weights 0 from the minimum, and s what a step shrinks
    it by. With t = i m + j the powers are s²ⁱᵐ s²ʲ, so that one small matrix product of two
    tables gives all of them, each to a few units in the last place.
    """
    shrinks = (1 - 2 * rate * quadratic.curvature) ** 2
    first = quadratic.curvature * (quadratic.axes.T @ quadratic.least) ** 2
    width = int(np.ceil(np.sqrt(steps + 1)))
    coarse = shrinks ** (width * np.arange(width + 1)[:, None]) * first
    fine = shrinks ** np.arange(width)[:, None]
    table: FloatArray = (coarse @ fine.T).reshape(-1)
    return table[1 : steps + 1]
