"""Coordinates in which every direction of the data is equally long, so that one learning rate suits them all."""

from dataclasses import dataclass

import numpy as np

from domain.dataset import FloatArray

# A direction is taken as constant when its spread is below rounding of the widest one.
RELATIVE_RANK_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """A design matrix for SGD, and the way back from its weights to those of the original features.

    Parameters
    ----------
    design : ndarray of shape (n_rows, n_directions + 1)
        The rows in the new coordinates; the last column is 1, for the intercept.
    basis : ndarray of shape (n_features, n_directions)
        Coefficients = basis · weights[:-1].
    centre : ndarray of shape (n_features,)
        What was subtracted from the features.
    """

    design: FloatArray
    basis: FloatArray
    centre: FloatArray

    def original(self, weights: FloatArray) -> tuple[FloatArray, float]:
        """Return the coefficients (n_features,) and the intercept that predict what `weights` predict."""
        coefficients = self.basis @ weights[:-1]
        return coefficients, float(weights[-1] - self.centre @ coefficients)


def unscaled(features: FloatArray) -> Coordinates:
    """Return the features as they are, with a column of ones."""
    n_rows, n_features = features.shape
    design = np.column_stack([features, np.ones(n_rows)])
    return Coordinates(design, basis=np.eye(n_features), centre=np.zeros(n_features))


def whiten(features: FloatArray) -> Coordinates:
    """Return coordinates in which the columns have mean 0, variance 1 and no correlation.

    The mean squared error then has the same curvature in every direction, whatever the units and correlations of the
    features were. Constant and redundant columns span no direction; the way back gives the coefficients of smallest
    norm, in units of each feature's standard deviation.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp", section 4.3.
    """
    n_rows = len(features)
    centre = features.mean(axis=0)
    centred = features - centre
    centred -= centred.mean(axis=0)  # the first mean is only as exact as the features are large
    spread = centred.std(axis=0)
    spread[spread <= RELATIVE_RANK_TOLERANCE * np.abs(centre)] = np.inf  # constant up to rounding
    spread[spread == 0] = np.inf
    _, lengths, directions = np.linalg.svd(centred / spread / np.sqrt(n_rows), full_matrices=False)
    kept = lengths > RELATIVE_RANK_TOLERANCE * max(lengths.max(), 1.0)
    basis = directions[kept].T / lengths[kept] / spread[:, None]
    design = np.column_stack([centred @ basis, np.ones(n_rows)])
    return Coordinates(design, basis, centre)
