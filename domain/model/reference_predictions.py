"""Reference predictions: a few rows and their predictions at training time, which a server compares with its own."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import FloatArray, read_only
from domain.model.linear_model import LinearModel

MAX_ROWS = 16
# A model with many features has fewer rows, so that the rows never outweigh its coefficients.
MAX_CELLS = 4_096
TOLERANCE = 1e-9
# Significant digits of the numbers in a row, which keep the record short.
DIGITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePredictions:
    """Rows of shape (n, d), 1 ≤ n ≤ 16, and their predictions of shape (n,), in target units.

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

    rows: FloatArray
    predictions: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", read_only(self.rows))
        object.__setattr__(self, "predictions", read_only(self.predictions))
        if self.rows.ndim != 2 or not 1 <= len(self.rows) <= MAX_ROWS:  # noqa: PLR2004  # a table
            raise ValueError(f"reference rows of shape {self.rows.shape}: 1 to {MAX_ROWS} are allowed")
        if self.predictions.shape != (len(self.rows),):
            raise ValueError(f"{self.predictions.shape} predictions for {len(self.rows)} reference rows")
        if not (np.isfinite(self.rows).all() and np.isfinite(self.predictions).all()):
            raise ValueError("a reference row or its prediction is not a finite number")

    @classmethod
    def sample_like(cls, mean: FloatArray, factor: FloatArray, model: LinearModel) -> Self | None:
        """Return rows drawn about `mean` (d,) with covariance factorᵀ · factor, and their predictions by `model`.

        The rows resemble the training rows and are none of them, so that no training data travel with a model. Return
        None if a prediction overflows.
        """
        count = max(1, min(MAX_ROWS, MAX_CELLS // len(mean)))
        draws = np.random.default_rng(0).standard_normal((count, len(factor)))
        draws[0] = 0.0
        rows = np.array([[float(f"{value:.{DIGITS}g}") for value in row] for row in (mean + draws @ factor).tolist()])
        with np.errstate(over="ignore", invalid="ignore"):
            predictions = model.predict(rows)
        return cls(rows, predictions) if np.isfinite(predictions).all() else None

    def mismatch(self, model: LinearModel) -> str:
        """Return how a prediction of `model` differs from its reference by more than 1e-9 of it; '' if none does.

        The rounding of a sum whose terms cancel, d · ε · Σ|terms|, is allowed as well, because versions of numpy differ
        in the order of additions.
        """
        if self.rows.shape[1] != len(model.coefficients):
            return f"its reference rows have {self.rows.shape[1]} features, not {len(model.coefficients)}"
        with np.errstate(over="ignore", invalid="ignore"):
            now = model.predict(self.rows)
            terms = np.abs(self.rows) @ np.abs(model.coefficients) + abs(model.intercept)
            rounding = (1 + len(model.coefficients)) * np.finfo(np.float64).eps * terms
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
        return np.array_equal(self.rows, other.rows) and np.array_equal(self.predictions, other.predictions)

    def __hash__(self) -> int:
        return hash(self.predictions.tobytes())
