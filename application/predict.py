"""Answer rows with predictions of the live model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from application.live_model import LiveModel
from domain.dataset import FloatArray
from domain.design_matrix import Row, Table, certainly_finite, design_matrix
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
        snapshot = self.live.snapshot
        return Predictions(predicted(snapshot.version.model, rows), snapshot)


def predicted(model: LinearModel, rows: Sequence[Row] | Table) -> FloatArray:
    """Return one prediction a row, or raise `BadRecord`."""
    matrix = design_matrix(rows, model.feature_names)
    with np.errstate(over="ignore", invalid="ignore"):
        values = model.predict(matrix)
    if not certainly_finite(values):
        overflows = np.flatnonzero(~np.isfinite(values))
        if len(overflows):
            raise ResultNotFinite(int(overflows[0]))
    return values
