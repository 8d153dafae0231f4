"""The tables that JSON can hold: rows in lists, rows by name, and columns by name.

Named columns may come in any order, and those that the model does not take are not read.
No Python step is spent on each value unless one is no number.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from typing import Any

import numpy as np

from domain.data.arrays import FloatArray
from domain.errors import format_names
from domain.model.errors import InvalidRow, MissingFeature
from domain.model.prediction_input import PredictionInput, validate_feature_values
from entrypoints.web.wire.problems import MAX_ERRORS, Place, ProblemError
from entrypoints.web.wire.schemas import NUMBERS
from entrypoints.web.wire.suspects import suspects

NOT_A_NUMBER = "must be a number"


@dataclass(frozen=True, slots=True)
class ListedRows(PredictionInput):
    """Rows as lists; a row of one value may be that value.

    Parameters
    ----------
    rows : list
    columns : list, optional
        What the values of a row are called; by default they are the features in the model's order.
    """

    rows: Sequence[Any]
    columns: Sequence[Any] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def matrix(self, feature_names: tuple[str, ...]) -> FloatArray:
        """Return the features by name, or by position where there are no names."""
        names = feature_names if self.columns is None else self.columns
        wanted, width = positions(names, feature_names), len(names)
        kinds = set(map(type, self.rows))
        if width == 1 and list not in kinds:
            return numbers(self.rows, feature_names)
        if not kinds <= {list} or not set(map(len, self.rows)) <= {width}:
            raise self._wrong_row(feature_names, width)
        in_order = wanted == list(range(width))
        return numbers(list(chain.from_iterable(self.rows)) if in_order else picked(self.rows, wanted), feature_names)

    def _wrong_row(self, feature_names: tuple[str, ...], width: int) -> InvalidRow | ProblemError:
        number, row = next(
            (number, row) for number, row in enumerate(self.rows) if type(row) is not list or len(row) != width
        )
        if type(row) in NUMBERS:
            row = [row]
        if self.columns is None and type(row) is list and len(row) != width:
            expected = f"{width} ({format_names(feature_names)})"
            return InvalidRow(number, None, f"{len(row)} values, but the model takes {expected}")
        code = "wrong_shape" if type(row) is list else "wrong_type"
        detail = f"must be a list of {width} numbers"
        return ProblemError(400, code, f"rows[{number}] {detail}", [Place(f"rows[{number}]", detail)])


@dataclass(frozen=True, slots=True)
class NamedRows(PredictionInput):
    """Rows as objects of values by name."""

    rows: Sequence[Mapping[str, Any]]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def matrix(self, feature_names: tuple[str, ...]) -> FloatArray:
        """Return the features by name."""
        try:
            return numbers(picked(self.rows, feature_names), feature_names)
        except KeyError:
            raise next(
                MissingFeature(number, name)
                for number, row in enumerate(self.rows)
                for name in feature_names
                if name not in row
            ) from None


@dataclass(frozen=True, slots=True)
class NamedColumns(PredictionInput):
    """Columns by name, as lists of equal length; a number stands for a column that is the same in all rows.

    Where there are no rows, such a number is still one that can be predicted from, or is refused as if in the first.
    """

    columns: Mapping[str, Any]

    def __len__(self) -> int:
        """Return the number of rows, which is that of the longest column."""
        return max((len(column) for column in self.columns.values() if type(column) is list), default=1)

    def matrix(self, feature_names: tuple[str, ...]) -> FloatArray:
        """Return the features by name, put into their places column by column."""
        require_features(self.columns, feature_names)
        lengths = {len(column) for column in self.columns.values() if type(column) is list}
        if len(lengths) > 1:
            raise ProblemError(400, "wrong_shape", "the columns must be of equal length")
        matrix = np.empty((len(self), len(feature_names)))
        for number, name in enumerate(feature_names):
            column = self.columns[name]
            values = numbers(column if type(column) is list else [column], (name,))
            if not len(matrix):
                validate_feature_values(values, (name,))
            matrix[:, number] = values[:, 0]
        return matrix


JsonTable = ListedRows | NamedRows | NamedColumns


def numbers(values: Sequence[Any], names: Sequence[str]) -> FloatArray:
    """Return `values`, row after row, as an array of shape (n_rows, n_names), or refuse them and name the places."""
    if not _are_numbers(values):
        suspected = suspects(values, _are_numbers)
        raise not_numbers((number for number, value in suspected if type(value) not in NUMBERS), names)
    return np.fromiter(values, np.float64, len(values)).reshape(-1, len(names))


def _are_numbers(values: Sequence[Any]) -> bool:
    return set(map(type, values)) <= NUMBERS


def not_numbers(wrong: Iterable[int], names: Sequence[str]) -> ProblemError:
    """Return the refusal of values that are no numbers, counted from 0, row after row."""
    places = [
        Place(f"rows[{number // len(names)}].{names[number % len(names)]}", NOT_A_NUMBER)
        for number in islice(wrong, MAX_ERRORS)
    ]
    return ProblemError(400, "wrong_type", f"{places[0].place} {NOT_A_NUMBER}", places)


def picked(rows: Sequence[Any], keys: Sequence[Any]) -> list[Any]:
    """Return what each row has under `keys`, row after row."""
    pick = itemgetter(*keys)
    return list(map(pick, rows) if len(keys) == 1 else chain.from_iterable(map(pick, rows)))


def positions(columns: Sequence[Any], feature_names: Sequence[str]) -> list[int]:
    """Return where the features are among `columns`, or refuse them: one is missing, or is there twice.

    Other columns are not put into a dict, because a client can choose numbers that it finds in quadratic time.
    """
    if not {list, dict}.isdisjoint(map(type, columns)):
        raise ProblemError(400, "wrong_type", "the names of columns must be text")
    features = frozenset(feature_names)
    places = [(name, place) for place, name in enumerate(columns) if name in features]
    found = dict(places)
    require_features(found, feature_names)
    if len(found) < len(places):
        times = Counter(name for name, _ in places)
        name = next(name for name in feature_names if times[name] > 1)
        raise ProblemError(400, "duplicate_key", f"the column {name} is there {times[name]} times")
    return [found[name] for name in feature_names]


def require_features(columns: Mapping[Any, Any], feature_names: Sequence[str]) -> None:
    """Refuse columns that are not all that the model takes."""
    missing = [name for name in feature_names if name not in columns]
    if missing:
        places = [Place(name, "is missing") for name in missing]
        raise ProblemError(
            422, "missing_field", f"the model takes columns that are missing: {format_names(missing)}", places
        )
