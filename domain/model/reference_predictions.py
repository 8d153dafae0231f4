"""Reference predictions: a few rows and their predictions at training time, which a server compares with its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import FloatArray, read_only
from domain.features.cells import Cell, to_cell
from domain.features.encoding import Encoding
from domain.model.errors import InvalidRow
from domain.model.linear_model import LinearModel
from domain.model.moments import Moments
from domain.model.plausible_values import plausible_values
from domain.model.prediction_input import input_values

MAX_ROWS = 16
# A model with many features has fewer rows, so that the rows never outweigh its coefficients.
MAX_CELLS = 4_096
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePredictions:
    """Rows as a request has them, 1 to 16, and their predictions of shape (n_rows,), in target units.

    Raises
    ------
    ValueError
        If the shapes differ, there are too many rows or none, or a number is not finite.

    Examples
    --------
    >>> model = LinearModel([2.0, -1.0], 10.0, ("area", "age"))
    >>> reference = ReferencePredictions([[3.0, 4.0]], [12.0])
    >>> reference.mismatch(model)
    ''
    >>> reference.mismatch(LinearModel([2.0, -1.5], 10.0, ("area", "age")))
    'the prediction of reference row 0 is 10, and was 12 at training time'
    """

    rows: tuple[tuple[Cell, ...], ...]
    predictions: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(tuple(map(_plain, row)) for row in self.rows))
        object.__setattr__(self, "predictions", read_only(self.predictions))
        if not 1 <= len(self.rows) <= MAX_ROWS or len(set(map(len, self.rows))) > 1:
            raise ValueError(f"{len(self.rows)} reference rows: 1 to {MAX_ROWS} of the same length are allowed")
        if self.predictions.shape != (len(self.rows),):
            raise ValueError(f"{self.predictions.shape} predictions for {len(self.rows)} reference rows")
        if not np.isfinite(self.predictions).all():
            raise ValueError("a reference prediction is not a finite number")

    @classmethod
    def sample_like(cls, moments: Moments, model: LinearModel) -> Self | None:
        """Return plausible rows and their predictions by `model`; None if a prediction overflows.

        `moments` are those of the terms. The rows resemble the training rows and are none of them, so that no row of
        the training data travels with a model.
        """
        encoding = model.encoding
        count = max(1, min(MAX_ROWS, MAX_CELLS // len(encoding.columns)))
        values = plausible_values(encoding, moments, count)
        with np.errstate(over="ignore", invalid="ignore"):
            predictions = model.predict(values)
        if not np.isfinite(predictions).all():
            return None
        return cls(tuple(_cells(encoding, row) for row in values.tolist()), predictions)

    def mismatch(self, model: LinearModel) -> str:
        """Return how a prediction of `model` differs from its reference by more than 1e-9 of it; '' if none does.

        The rounding of a sum whose terms cancel, d · ε · Σ|terms|, is allowed as well, because versions of numpy differ
        in the order of additions.
        """
        try:
            values = input_values(list(map(list, self.rows)), model.encoding)
        except InvalidRow as error:
            return f"its reference rows do not fit it: {error}"
        with np.errstate(over="ignore", invalid="ignore"):
            now = model.predict(values)
            terms = np.abs(model.encoding.encode(values)) @ np.abs(model.coefficients) + abs(model.intercept)
            rounding = (1 + len(model.coefficients)) * np.finfo(np.float64).eps * terms
            if model.target_transform.log:
                rounding *= np.abs(self.predictions)
            agrees = np.abs(now - self.predictions) <= TOLERANCE * np.abs(self.predictions) + rounding
        wrong = np.flatnonzero(~(agrees & np.isfinite(rounding)))
        if not len(wrong):
            return ""
        first = int(wrong[0])
        return (
            f"the prediction of reference row {first} is {now[first]:.12g}, "
            f"and was {self.predictions[first]:.12g} at training time"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ReferencePredictions):
            return False
        return self.rows == other.rows and np.array_equal(self.predictions, other.predictions)

    def __hash__(self) -> int:
        return hash(self.predictions.tobytes())


def _plain(cell: Cell) -> Cell:
    """Return a number as a float of Python, which every store can write."""
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else cell


def _cells(encoding: Encoding, values: Sequence[float]) -> tuple[Cell, ...]:
    return tuple(to_cell(column, value) for column, value in zip(encoding.columns, values, strict=True))
