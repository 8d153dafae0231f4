"""What a fit remembers of its rows, so that they need not be read again when new ones come."""

from dataclasses import dataclass

import numpy as np

from domain.dataset import FloatArray
from domain.linear_model import LinearModel
from domain.sgd.spread import Spread


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """The loss of rows that are gone, as the quadratic that it is.

    Loss and slope at the model are as they were measured. The curvature is the covariance of those rows: exact if the
    fit took the spread of all of them (`precondition='exact'`, a rebuild, or a table no larger than the sample),
    otherwise that of the sample.

    Parameters
    ----------
    spread : Spread
        How many they were, their mean and their covariance.
    model : LinearModel
        Where the fit ended.
    loss : float
        The mean squared error there.
    slope : ndarray of shape (d + 1,)
        The gradient of half of it, by the coefficients with the prediction at the mean held, and by that prediction.
    uncertainty : float
        The square of the relative error of the covariance, about 2 d / m for a sample of m rows; 0 if it is exact.
    target_name : str
    """

    spread: Spread
    model: LinearModel
    loss: float
    slope: FloatArray
    uncertainty: float
    target_name: str

    @property
    def rows(self) -> int:
        """How many rows are remembered."""
        return self.spread.rows

    def sums(self, weights: FloatArray, origin: FloatArray) -> tuple[FloatArray, float]:
        """Return the gradient of half the squared error, shape (d + 1,), and the squared error, summed over the rows.

        At raw weights (w, c) that predict (x − origin)ᵀ w + c for the target less its own origin.
        """
        mean, factor = self.spread.mean, self.spread.factor
        moved = weights[:-1] - self.model.coefficients
        level = weights[-1] + origin[-1] - self.model.intercept - origin[:-1] @ weights[:-1] + mean @ moved
        bend = factor @ moved
        by_level = level + self.slope[-1]
        gradient = np.append(self.slope[:-1] + bend @ factor + by_level * (mean - origin[:-1]), by_level)
        risen = 2 * float(self.slope[:-1] @ moved + self.slope[-1] * level) + float(bend @ bend + level**2)
        return self.rows * gradient, self.rows * (self.loss + risen)

    def doubt(self, weights: FloatArray) -> float:
        """Return the excess of these rows' loss that the error of their covariance may hide at raw `weights` (d + 1,).

        The further the model has moved from where they were seen, the more their curvature matters.
        """
        bend = self.spread.factor @ (weights[:-1] - self.model.coefficients)
        return self.uncertainty * float(bend @ bend)
