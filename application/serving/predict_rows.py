"""Predictions of one model: values of rows, and numbers of rows that the model fills or has not seen."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from domain.data.arrays import FloatArray, Mask, all_finite_fast
from domain.delivery.routing import Role
from domain.delivery.served_model import ServedModel, ServedModels
from domain.model.errors import PredictionNotFinite, UnknownLevel
from domain.model.explanation import Explanation, explain
from domain.model.extrapolation import extrapolations
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import PredictionInput, Row, input_values
from domain.model.prediction_intervals import prediction_intervals
from domain.model.row_counts import RowCounts, count_rows, unseen_levels


class Predictions(NamedTuple):
    """Predictions of the rows of a request, and the one model that made them.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        In target units.
    snapshot : ServedModel
    inputs : ndarray of shape (n_rows, n_features)
        Values of the encoding's columns.
    row_counts : RowCounts or None
        None for plain numbers.
    role : Role or None
        Of the model in a rollout; None outside of one.
    compared : ServedModels or None
        Both models of a rollout that compares them on this request.
    """

    values: FloatArray
    snapshot: ServedModel
    inputs: FloatArray
    row_counts: RowCounts | None = None
    role: Role | None = None
    compared: ServedModels | None = None

    def some(self, rows: int) -> "Predictions":
        """Return at most `rows` rows: these, or copies of some at equal distances."""
        if len(self.values) <= rows:
            return self
        step = slice(None, None, -(-len(self.values) // rows))
        return self._replace(values=self.values[step].copy(), inputs=self.inputs[step].copy())

    def explain(self) -> Explanation:
        """Return the contributions to the predictions, or raise `PredictionNotFinite`."""
        return explain(self.snapshot.version.model, self.inputs)

    def intervals(self, level: float) -> FloatArray:
        """Return the bounds of each row's target, shape (n_rows, 2), as `prediction_intervals` does."""
        return prediction_intervals(self.snapshot.version, self.inputs, level)

    def extrapolations(self) -> dict[str, Mask]:
        """Return, by column, which rows have a value beyond the training rows, without columns that have none."""
        return extrapolations(self.snapshot.version.model.encoding, self.inputs)


def predict_rows(
    snapshot: ServedModel,
    rows: Sequence[Row] | PredictionInput,
    reject_unseen: bool,
    role: Role | None = None,
    compared: ServedModels | None = None,
) -> Predictions:
    """Return one prediction of the model of `snapshot` for each row; `role` and `compared` are those of `Predictions`.

    The same cells give the same predictions to the last bit, in every form of rows.

    Raises
    ------
    InvalidRow
        If a row does not fit the model, or its prediction is not finite; `UnknownLevel` only if unseen levels are
        rejected.
    """
    model = snapshot.version.model
    inputs = input_values(rows, model.encoding)
    if model.encoding.is_plain:
        return Predictions(predict_values(model, inputs), snapshot, inputs, None, role, compared)
    unseen = unseen_levels(model.encoding, inputs)
    if unseen and reject_unseen:
        name, is_unseen = next(iter(unseen.items()))
        raise UnknownLevel(int(is_unseen.argmax()), name)
    counts = count_rows(model.encoding, inputs, unseen)
    return Predictions(predict_values(model, inputs), snapshot, inputs, counts, role, compared)


def predict_values(model: LinearModel, inputs: FloatArray) -> FloatArray:
    """Return one prediction for each row of `input_values`, or raise `PredictionNotFinite`."""
    with np.errstate(over="ignore", invalid="ignore"):
        values = model.predict(inputs)
    if not all_finite_fast(values):
        overflows = np.flatnonzero(~np.isfinite(values))
        if len(overflows):
            raise PredictionNotFinite(int(overflows[0]))
    return values
