"""Answer rows with predictions of the live model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from application.live_model import LiveModel
from domain.dataset import FloatArray
from domain.design_matrix import Row, Table, certainly_finite, design_matrix, of_columns, of_matrix
from domain.errors import ResultNotFinite
from domain.linear_model import LinearModel
from domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions of shape (n_rows,), in target units, and the snapshot that made all of them."""

    values: FloatArray
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Predict:
    """Predict rows with one snapshot, however often the live model is replaced meanwhile.

    In whatever form the rows come, the same numbers give the same predictions to the last bit.
    """

    live: LiveModel

    def __call__(self, rows: Sequence[Row] | Table) -> Predictions:
        """Return one prediction a row.

        Raises
        ------
        BadRecord
            If a row does not fit the model, or its prediction is not finite.
        NoModel
            If nothing is loaded.
        """
        return self._predicted(lambda names: design_matrix(rows, names))

    def of_matrix(self, matrix: FloatArray) -> Predictions:
        """Return one prediction a row of `matrix`, of shape (n_rows, n_features), columns in the model's order.

        Raises
        ------
        BadRecord
            If there are more or fewer columns, a value cannot be predicted from, or a prediction is not finite.
        NoModel
            If nothing is loaded.
        """
        return self._predicted(lambda names: of_matrix(matrix, names))

    def of_columns(self, columns: Mapping[str, FloatArray]) -> Predictions:
        """Return one prediction a row of `columns`: by feature, in any order, each of shape (n_rows,).

        Raises
        ------
        BadRecord
            If these are not exactly the model's features, a value cannot be predicted from, or a prediction is not
            finite.
        NoModel
            If nothing is loaded.
        """
        return self._predicted(lambda names: of_columns(columns, names))

    def of_batches(self, batches: Iterable[Mapping[str, FloatArray]]) -> Predictions:
        """Return one prediction a row of all `batches` in their order, each of them as in `of_columns`.

        Raises
        ------
        BadRecord
            As `of_columns` does; its row counts from the first of all batches.
        NoModel
            If nothing is loaded.
        """
        snapshot = self.live.snapshot
        model, values, row = snapshot.version.model, [np.empty(0)], 0
        for batch in batches:
            matrix = of_columns(batch, model.feature_names, row)
            values.append(_values(model, matrix, row))
            row += len(matrix)
        return Predictions(np.concatenate(values), snapshot)

    def _predicted(self, design: Callable[[tuple[str, ...]], FloatArray]) -> Predictions:
        """Predict what `design` makes for the features of the one snapshot that is used throughout."""
        snapshot = self.live.snapshot
        model = snapshot.version.model
        return Predictions(_values(model, design(model.feature_names)), snapshot)


def _values(model: LinearModel, matrix: FloatArray, first_row: int = 0) -> FloatArray:
    """Return the predictions for `matrix`, the first row of which counts as `first_row` where one is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        values = model.predict(matrix)
    if not certainly_finite(values):
        overflows = np.flatnonzero(~np.isfinite(values))
        if len(overflows):
            raise ResultNotFinite(first_row + int(overflows[0]))
    return values
