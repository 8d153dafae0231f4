"""The mean squared error as what it is, a quadratic of the weights, in its own axes."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.dataset import FloatArray
from domain.linear_model import LinearModel
from domain.sgd.precision import DOUBLE
from domain.sgd.reading import Reader
from domain.sgd.spread import triangular_factor


@dataclass(frozen=True, slots=True, eq=False)
class Quadratic:
    """The loss of weights v = (w, b), as f(v) = optimum + Σ curvature · (Vᵀ(v − least))².

    Parameters
    ----------
    axes : ndarray of shape (d + 1, r)
        V: eigenvectors of the second moments of (x, 1), all whose eigenvalue is not 0 for want of rows.
    curvature : ndarray of shape (r,)
        Their eigenvalues; 0 for those that are rounding.
    least : ndarray of shape (d + 1,)
        The weights at which the loss is least; those of smallest norm if there are several.
    optimum : float
        The loss there.
    """

    axes: FloatArray
    curvature: FloatArray
    least: FloatArray
    optimum: float

    @classmethod
    def of(cls, reader: Reader) -> Self:
        """Read the rows once.

        The triangular factor R of the table (x, 1, y) holds the loss, |R (v, −1)|², without squaring the features: half
        as many digits are lost as with second moments.
        """
        columns = len(reader.rows.feature_names) + 1
        tables = (np.column_stack([features, np.ones(len(target)), target]) for features, target in reader.blocks())
        factor = triangular_factor(tables, columns + 1)
        factor /= np.sqrt(len(reader.rows))
        left, lengths, axes = np.linalg.svd(factor[:columns, :columns])
        kept = lengths > DOUBLE.epsilon * columns * lengths[0]
        inverse = np.divide(1, lengths, out=np.zeros_like(lengths), where=kept)
        turned = left.T @ factor[:columns, columns]
        unexplained = np.append(turned[len(lengths) :], turned[: len(lengths)][~kept])
        optimum = float(unexplained @ unexplained + np.sum(factor[columns:, columns] ** 2))
        curvature = np.where(kept, lengths, 0.0) ** 2
        return cls(
            axes[: len(lengths)].T, curvature, axes[: len(lengths)].T @ (inverse * turned[: len(lengths)]), optimum
        )

    @property
    def largest_stable_rate(self) -> float:
        """The learning rate from which gradient descent no longer converges: 1 / the largest curvature."""
        return float(1 / self.curvature.max())

    def excess(self, weights: FloatArray) -> float:
        """Return the loss of `weights`, shape (d + 1,), over the optimum."""
        return float(self.curvature @ (self.axes.T @ (weights - self.least)) ** 2)

    def risk(self, excess: float) -> float:
        """Return an excess as a share of the optimum; infinite if the optimum is 0 and the excess is not."""
        if self.optimum > 0:
            return excess / self.optimum
        return float("inf") if excess > 0 else 0.0


def model_of(weights: FloatArray, feature_names: tuple[str, ...]) -> LinearModel:
    """Return the model with the weights (w, b)."""
    return LinearModel(weights[:-1], float(weights[-1]), feature_names)
