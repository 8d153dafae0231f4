"""Least squares as LAPACK finds them: what the learner is held against."""

import numpy as np

from domain.data.dataset import Dataset
from domain.model.linear_model import LinearModel


def least_squares(rows: Dataset) -> np.ndarray:
    """Return coefficients and, last, the intercept."""
    design = np.column_stack([rows.features, np.ones(len(rows))])
    return np.linalg.lstsq(design, rows.target, rcond=None)[0]


def weights(model: LinearModel) -> np.ndarray:
    return np.append(model.coefficients, model.intercept)


def relative_excess_loss(rows: Dataset, model: LinearModel) -> float:
    """Return the relative excess of the model's MSE over the optimum, from the distance of the two predictions."""
    design = np.column_stack([rows.features - rows.features.mean(axis=0), np.ones(len(rows))])
    optimum = design @ np.linalg.lstsq(design, rows.target, rcond=None)[0]
    apart = model.predict(rows.features) - optimum
    return float(apart @ apart / np.sum((rows.target - optimum) ** 2))
