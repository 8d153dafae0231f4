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


def relative_excess_loss(rows: Dataset, model: LinearModel, penalty: float = 0.0) -> float:
    """Return the relative excess of the model's loss over the optimum, from the distance of the two predictions.

    A penalty is one more row for each feature, with the target 0.
    """
    centered = rows.features - rows.features.mean(axis=0)
    scales = [
        1.0 if column.kind == "boolean" else np.std(rows.features[:, place])
        for place, column in enumerate(rows.columns)
    ]
    roots = np.sqrt(penalty) * np.diag([*scales, 0.0])
    design = np.vstack([np.column_stack([centered, np.ones(len(rows))]), roots])
    target = np.append(rows.target, np.zeros(len(roots)))
    optimum = design @ np.linalg.lstsq(design, target, rcond=None)[0]
    apart = np.append(model.predict(rows.features), roots @ np.append(model.coefficients, 0)) - optimum
    return float(apart @ apart / np.sum((target - optimum) ** 2))
