"""From weights of the raw features, which blocks are multiplied with, to whitened coordinates and back."""

import numpy as np

from domain.dataset import FloatArray
from domain.linear_model import LinearModel
from domain.rows import Numbers
from domain.sgd.preconditioner import Preconditioner


class WhitenedSpace:
    """The points u = (a, b) of a preconditioner, as weights v = (w, c) of rows as they are read.

    A row x is read as x − origin, and its prediction is (x − origin)ᵀ w + c. The map is v = E u, with
    E = [[W, 0], [−(centre − origin)ᵀ W, 1]]; the metric is M = E Eᵀ.

    Parameters
    ----------
    preconditioner : Preconditioner
    origin : ndarray of shape (d + 1,)
        What the reader subtracts from features and, last, target.
    """

    def __init__(self, preconditioner: Preconditioner, origin: FloatArray) -> None:
        whiten = preconditioner.whiten
        columns, rank = whiten.shape
        self.preconditioner = preconditioner
        self.origin = origin
        self._shift: FloatArray = preconditioner.centre - origin[:-1]
        self._embedding: FloatArray = np.zeros((columns + 1, rank + 1))
        self._embedding[:-1, :-1] = whiten
        self._embedding[-1, :-1] = -self._shift @ whiten
        self._embedding[-1, -1] = 1
        self.metric: FloatArray = self._embedding @ self._embedding.T

    def weights(self, point: FloatArray) -> FloatArray:
        """Return the raw weights v (d + 1,) of a point u (k + 1,)."""
        weights: FloatArray = self._embedding @ point
        return weights

    def point(self, weights: FloatArray) -> FloatArray:
        """Return the point u (k + 1,) of raw weights v (d + 1,)."""
        return np.append(self.preconditioner.unwhiten @ weights[:-1], weights[-1] + self._shift @ weights[:-1])

    def gradient(self, raw: FloatArray) -> FloatArray:
        """Return the gradient by u of what has the gradient `raw` by v."""
        gradient: FloatArray = self._embedding.T @ raw
        return gradient

    def slope(self, gradient: FloatArray) -> FloatArray:
        """Return a raw gradient (d + 1,) that has `gradient` (k + 1,) in this space."""
        known = self.preconditioner
        by_coefficients = gradient[:-1] @ known.unwhiten + gradient[-1] * self._shift
        return np.append(by_coefficients, gradient[-1])

    def rounding(self, point: FloatArray, target_square: float, slack: float) -> float:
        """Return the mean squared error that rounding alone leaves at a point, of a target of this mean square.

        It is that of the numbers which make up a prediction from a row as read; `slack` is the share of them that may
        be put down to rounding.
        """
        known, weights = self.preconditioner, self.weights(point)
        terms = np.concatenate([weights[:-1] * known.scale, weights[:-1] * self._shift, weights[-1:]])
        return float(terms @ terms + target_square) * slack**2

    def sees(self, along_null: FloatArray, squares: FloatArray) -> bool:
        """Tell whether rows of these mean squares, along null directions and of the features, vary no more than known.

        Of shapes (d - k,) and (d,); about the centre.
        """
        known = self.preconditioner
        rounding = known.rounding_along(np.sqrt(squares))[known.rank :]
        return not (np.sqrt(along_null) > rounding).any()

    def centred(self, features: Numbers) -> FloatArray:
        """Return features as read less the centre."""
        centred: FloatArray = features - self._shift
        return centred

    def point_of(self, model: LinearModel) -> FloatArray:
        """Return the point (k + 1,) of a model."""
        constant = model.intercept + self.origin[:-1] @ model.coefficients - self.origin[-1]
        return self.point(np.append(model.coefficients, constant))

    def model(self, point: FloatArray, feature_names: tuple[str, ...]) -> LinearModel:
        """Return the model at a point, in terms of the rows as they are in the table."""
        coefficients = self.preconditioner.smallest(self.preconditioner.whiten @ point[:-1])
        intercept = point[-1] + self.origin[-1] - self.preconditioner.centre @ coefficients
        return LinearModel(coefficients, intercept, feature_names)
