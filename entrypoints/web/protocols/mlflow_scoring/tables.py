"""JSON tables: rows in lists, rows by name, and columns by name.

Named columns may have any order, and those that the model does not take are not read.
Values cost no Python step each unless one of them is not a number.
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
from domain.features.encoding import Encoding
from domain.model.errors import InvalidRow, MissingFeature
from domain.model.prediction_input import PredictionInput, validate_values
from entrypoints.web.wire.invalid_chunks import in_invalid_chunks
from entrypoints.web.wire.problems import MAX_ERRORS, ErrorLocation, ProblemError
from entrypoints.web.wire.schemas import NUMBERS

NOT_A_NUMBER = "must be a number"


@dataclass(frozen=True, slots=True)
class ListedRows(PredictionInput):
    """Rows as lists; a row of one value may be that value.

    Parameters
    ----------
    rows : list
    columns : list, optional
        Names of the values of a row; by default the features in the model's order.
    """

    rows: Sequence[Any]
    columns: Sequence[Any] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def values(self, encoding: Encoding) -> FloatArray:
        """Return the features by name, or by position where there are no names."""
        feature_names = encoding.feature_names
        names = feature_names if self.columns is None else self.columns
        wanted, width = feature_positions(names, feature_names), len(names)
        types = set(map(type, self.rows))
        if width == 1 and list not in types:
            return to_matrix(self.rows, feature_names)
        if not types <= {list} or not set(map(len, self.rows)) <= {width}:
            raise self._wrong_row(feature_names, width)
        in_order = wanted == list(range(width))
        values = list(chain.from_iterable(self.rows)) if in_order else pick_values(self.rows, wanted)
        return to_matrix(values, feature_names)

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
        place, detail = f"rows[{number}]", f"must be a list of {width} numbers"
        return ProblemError(400, code, f"{place} {detail}", [ErrorLocation(place, detail)])


@dataclass(frozen=True, slots=True)
class NamedRows(PredictionInput):
    """Rows as objects of values by name."""

    rows: Sequence[Mapping[str, Any]]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def values(self, encoding: Encoding) -> FloatArray:
        """Return the features by name."""
        feature_names = encoding.feature_names
        try:
            return to_matrix(pick_values(self.rows, feature_names), feature_names)
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

    Without rows, such a number is still validated, as if it were in the first row.
    """

    columns: Mapping[str, Any]

    def __len__(self) -> int:
        """Return the number of rows, which is that of the longest column."""
        return max((len(column) for column in self.columns.values() if type(column) is list), default=1)

    def values(self, encoding: Encoding) -> FloatArray:
        """Return the features by name."""
        feature_names = encoding.feature_names
        require_features(self.columns, feature_names)
        lengths = {len(column) for column in self.columns.values() if type(column) is list}
        if len(lengths) > 1:
            raise ProblemError(400, "wrong_shape", "the columns must be of equal length")
        matrix = np.empty((len(self), len(feature_names)))
        for number, name in enumerate(feature_names):
            column = self.columns[name]
            values = to_matrix(column if type(column) is list else [column], (name,))
            if not len(matrix):
                validate_values(values, Encoding.of_numbers((name,)))
            matrix[:, number] = values[:, 0]
        return matrix


JsonTable = ListedRows | NamedRows | NamedColumns


def to_matrix(values: Sequence[Any], names: Sequence[str]) -> FloatArray:
    """Return `values`, row after row, as an array of shape (n_rows, n_names), or raise `ProblemError`."""
    if not _are_numbers(values):
        suspects = in_invalid_chunks(values, _are_numbers)
        raise not_numbers((number for number, value in suspects if type(value) not in NUMBERS), names)
    return np.fromiter(values, np.float64, len(values)).reshape(-1, len(names))


def _are_numbers(values: Sequence[Any]) -> bool:
    return set(map(type, values)) <= NUMBERS


def not_numbers(invalid: Iterable[int], names: Sequence[str]) -> ProblemError:
    """Return the problem of the `invalid` values, counted from 0, row after row."""
    locations = [
        ErrorLocation(f"rows[{number // len(names)}].{names[number % len(names)]}", NOT_A_NUMBER)
        for number in islice(invalid, MAX_ERRORS)
    ]
    return ProblemError(400, "wrong_type", f"{locations[0].place} {NOT_A_NUMBER}", locations)


def pick_values(rows: Sequence[Any], keys: Sequence[Any]) -> list[Any]:
    """Return the values of each row under `keys`, row after row."""
    pick = itemgetter(*keys)
    return list(map(pick, rows) if len(keys) == 1 else chain.from_iterable(map(pick, rows)))


def feature_positions(columns: Sequence[Any], feature_names: Sequence[str]) -> list[int]:
    """Return the positions of the features among `columns`; raise `ProblemError` if one is missing or there twice.

    Other columns are not put into a dict, because a client can choose numbers whose look-up takes quadratic time.
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
        raise ProblemError(400, "duplicate_key", f"{times[name]} columns have the name {name}")
    return [found[name] for name in feature_names]


def require_features(columns: Mapping[Any, Any], feature_names: Sequence[str]) -> None:
    """Raise `ProblemError` if `columns` lacks a feature."""
    missing = [name for name in feature_names if name not in columns]
    if missing:
        locations = [ErrorLocation(name, "is missing") for name in missing]
        raise ProblemError(
            422, "missing_field", f"the model takes columns that are missing: {format_names(missing)}", locations
        )
