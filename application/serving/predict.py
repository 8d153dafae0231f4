"""Predict: predicts rows with the current model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from application.serving.current_model import CurrentModel
from domain.data.arrays import FloatArray, all_finite_fast
from domain.delivery.served_model import ServedModel
from domain.model.errors import PredictionNotFinite
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import PredictionInput, Row, input_values


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions of shape (n_rows,), in target units, and the one model that made them."""

    values: FloatArray
    snapshot: ServedModel


@dataclass(frozen=True, slots=True)
class Predict:
    """Predict all rows with one model, even if the current model is replaced meanwhile.

    The same numbers give the same predictions to the last bit, in every form of rows.
    """

    current: CurrentModel

    def __call__(self, rows: Sequence[Row] | PredictionInput) -> Predictions:
        """Return one prediction for each row.

        Raises
        ------
        InvalidRow
            If a row does not fit the model, or its prediction is not finite.
        NoModelLoaded
            If nothing is loaded.
        """
        snapshot = self.current.snapshot
        return Predictions(predict_rows(snapshot.version.model, rows), snapshot)


def predict_rows(model: LinearModel, rows: Sequence[Row] | PredictionInput) -> FloatArray:
    """Return one prediction for each row, or raise `InvalidRow`."""
    matrix = input_values(rows, model.encoding)
    with np.errstate(over="ignore", invalid="ignore"):
        values = model.predict(matrix)
    if not all_finite_fast(values):
        overflows = np.flatnonzero(~np.isfinite(values))
        if len(overflows):
            raise PredictionNotFinite(int(overflows[0]))
    return values
