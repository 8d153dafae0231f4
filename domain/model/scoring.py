"""Scoring: predictions for the rows of tables, what happens to bad rows, and the counts of a scored table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from domain.data.arrays import FloatArray, Mask
from domain.model.errors import IntervalNotFinite, PredictionNotFinite
from domain.model.linear_model import LinearModel
from domain.model.prediction_intervals import PredictionIntervals
from domain.model.row_counts import count_rows, unseen_levels
from domain.model.usable_values import unusable_values, validate_values

OnBadRow = Literal["stop", "null"]
"""Policy for a row without a prediction: an error that names it, or null in its place.

A row is bad if a value is infinite, larger than 1e300 in magnitude, or empty where the training rows had no empty cell,
or if its prediction, or an end of its interval, overflows.
"""

OutputFormat = Literal["csv", "parquet"]

PREDICTION = "prediction"
"""Name of the column of predictions; bad rows whose prediction overflows are counted under it."""
BOUNDS = ("prediction_low", "prediction_high")
"""Names of the columns of the ends of prediction intervals."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What was scored; counts of rows by feature leave zeros out.

    Parameters
    ----------
    rows : int
        All rows, with the bad ones.
    bad_rows : int
        Rows whose prediction is null.
    bad_cells : mapping of str to int
        Bad rows by the columns that make them bad; a row may be bad in several.
    unseen_levels : mapping of str to int
        Rows with a text that the training rows lack.
    filled_values : mapping of str to int
        Rows with an empty cell that the model fills.

    Examples
    --------
    >>> Scored(3, 1, {"area": 1}) + Scored(2, 1, {"area": 1}, {"city": 2})
    Scored(rows=5, bad_rows=2, bad_cells={'area': 2}, unseen_levels={'city': 2}, filled_values={})
    """

    rows: int = 0
    bad_rows: int = 0
    bad_cells: Mapping[str, int] = field(default_factory=dict)
    unseen_levels: Mapping[str, int] = field(default_factory=dict)
    filled_values: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Scored") -> "Scored":
        return Scored(
            self.rows + other.rows,
            self.bad_rows + other.bad_rows,
            _added(self.bad_cells, other.bad_cells),
            _added(self.unseen_levels, other.unseen_levels),
            _added(self.filled_values, other.filled_values),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the counts by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ScoredTable:
    """The files of a table that were scored.

    Parameters
    ----------
    place : str
        The folder of the scored files.
    counts : Scored
    files : int
    kept_files : int
        Files that an earlier run had completed.
    """

    place: str
    counts: Scored
    files: int
    kept_files: int = 0


@dataclass(frozen=True, slots=True)
class ScoringProgress:
    """Rows and files that are done, and how many there are; the number of rows of a CSV file is an estimate."""

    rows: int
    all_rows: int
    files: int
    all_files: int


class FileScored(NamedTuple):
    """The counts of a scored file, and whether an earlier run had completed it."""

    counts: Scored
    was_complete: bool


class FileProgress(NamedTuple):
    """Rows that are done of the file with this number, counted from 0, and whether all of them are."""

    number: int
    rows: int
    is_complete: bool = False


class ScoredBlock(NamedTuple):
    """Predictions of some rows, in target units.

    Parameters
    ----------
    predictions : ndarray of shape (n_rows,)
    bad : ndarray of shape (n_rows,) or None
        Which of them are null, None if none is.
    counts : Scored
    bounds : ndarray of shape (n_rows, 2) or None
        The ends of their intervals, None if none are asked for.
    """

    predictions: FloatArray
    bad: Mask | None
    counts: Scored
    bounds: FloatArray | None = None


def score_block(
    model: LinearModel, values: FloatArray, on_bad_row: OnBadRow, intervals: PredictionIntervals | None = None
) -> ScoredBlock:
    """Return the predictions for values of the model's columns, shape (n_rows, n_features), and `intervals`, if given.

    Each prediction and interval is that of the same row in a request, to the last bit.

    Raises
    ------
    InvalidRow
        For the first bad row, if the policy is to stop.
    """
    unusable = unusable_values(values, model.encoding)
    if unusable is not None:
        if on_bad_row == "stop":
            validate_values(values, model.encoding)
        values = values.copy()
        values[unusable.any(axis=1)] = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        predictions = model.predict(values)
    overflows = ~np.isfinite(predictions)
    if on_bad_row == "stop" and overflows.any():
        raise PredictionNotFinite(int(overflows.argmax()))
    bounds = intervals.bounds(values) if intervals else None
    if bounds is not None:
        overflows |= ~np.isfinite(bounds).all(axis=1)
        if on_bad_row == "stop" and overflows.any():
            raise IntervalNotFinite(int(overflows.argmax()))
    bad_cells = _bad_cells(model.feature_names, unusable, overflows)
    counts = Scored(len(values), bad_cells=bad_cells) + _row_counts(model, values)
    if not bad_cells:
        return ScoredBlock(predictions, None, counts, bounds)
    bad = overflows if unusable is None else overflows | unusable.any(axis=1)
    return ScoredBlock(predictions, bad, counts + Scored(bad_rows=int(np.count_nonzero(bad))), bounds)


def _bad_cells(names: Sequence[str], unusable: Mask | None, overflows: Mask) -> dict[str, int]:
    counts = {} if unusable is None else dict(zip(names, unusable.sum(axis=0).tolist(), strict=True))
    counts[PREDICTION] = int(np.count_nonzero(overflows))
    return {name: count for name, count in counts.items() if count}


def _row_counts(model: LinearModel, values: FloatArray) -> Scored:
    if model.encoding.is_plain:
        return Scored()
    counts = count_rows(model.encoding, values, unseen_levels(model.encoding, values))
    return Scored(unseen_levels=counts.unseen_levels, filled_values=counts.filled_values)


def _added(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(first) + Counter(second))
