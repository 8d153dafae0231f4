"""JSON tables: rows in lists, rows by name, and columns by name.

Named columns may have any order, and those that the model does not take are not read.
Values cost no Python step each unless one of them is not a number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np

from domain.data.arrays import FloatArray
from domain.errors import format_names
from domain.features.cells import NUMBER_TYPES, plain_numbers
from domain.features.encoding import Encoding
from domain.model.errors import InvalidRow, MissingFeature
from domain.model.prediction_input import PredictionInput, input_values, part_of, values_of_columns
from domain.model.row_cells import cells_in_order, with_clean_names
from domain.model.usable_values import validate_values
from domain.monitoring.wording import plural
from entrypoints.web.protocols.mlflow_scoring.columns import feature_places, not_numbers, require_features
from entrypoints.web.wire.invalid_chunks import in_invalid_chunks
from entrypoints.web.wire.problems import ErrorLocation, ProblemError


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
        names = encoding.feature_names if self.columns is None else self.columns
        places, width = feature_places(names, encoding), len(names)
        types = set(map(type, self.rows))
        is_flat = width == 1 and list not in types
        if not is_flat and not (types <= {list} and set(map(len, self.rows)) <= {width}):
            raise self._wrong_row(encoding, width)
        if not encoding.is_plain:
            return values_of_columns([self._column(place, is_flat=is_flat) for place in places], encoding)
        if is_flat:
            return to_matrix(self.rows, encoding.feature_names)
        in_order = places == list(range(width))
        values = list(chain.from_iterable(self.rows)) if in_order else pick_values(self.rows, places)
        return to_matrix(values, encoding.feature_names)

    def part(self, rows: int, place: float) -> "ListedRows":
        """Return a copy of some rows."""
        return ListedRows(self.rows[part_of(len(self), rows, place)], self.columns)

    def _column(self, place: int | None, *, is_flat: bool) -> Sequence[Any]:
        if place is None:
            return [None] * len(self)
        return self.rows if is_flat else pick_values(self.rows, [place])

    def _wrong_row(self, encoding: Encoding, width: int) -> InvalidRow | ProblemError:
        number, row = next(
            (number, row) for number, row in enumerate(self.rows) if type(row) is not list or len(row) != width
        )
        if type(row) in NUMBER_TYPES:
            row = [row]
        if self.columns is None and type(row) is list and len(row) != width:
            expected = f"{width} ({format_names(encoding.feature_names)})"
            return InvalidRow(number, None, f"{plural(len(row), 'value')}, but the model takes {expected}")
        code = "wrong_shape" if type(row) is list else "wrong_type"
        place, detail = f"rows[{number}]", f"must be a list of {width} {'numbers' if encoding.is_plain else 'values'}"
        return ProblemError(400, code, f"{place} {detail}", [ErrorLocation(place, detail)])


@dataclass(frozen=True, slots=True)
class ListedNumbers(PredictionInput):
    """Rows of numbers as an array of shape (n_rows,) or (n_rows, n_columns); `columns` are those of `ListedRows`."""

    numbers: FloatArray
    columns: Sequence[Any] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.numbers)

    def values(self, encoding: Encoding) -> FloatArray:
        """Return what `ListedRows` returns for the same rows, or raise its error."""
        names = encoding.feature_names if self.columns is None else self.columns
        if not encoding.is_plain or self.numbers.size != len(self) * len(names):
            return ListedRows(self.numbers.tolist(), self.columns).values(encoding)
        places = np.array(feature_places(names, encoding))
        return self.numbers.reshape(len(self), -1).take(places, axis=1)

    def part(self, rows: int, place: float) -> "ListedNumbers":
        """Return a copy of some rows."""
        return ListedNumbers(self.numbers[part_of(len(self), rows, place)].copy(), self.columns)


@dataclass(frozen=True, slots=True)
class NamedRows(PredictionInput):
    """Rows as objects of values by name."""

    rows: Sequence[dict[str, Any]]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def values(self, encoding: Encoding) -> FloatArray:
        """Return the features by name."""
        names = encoding.feature_names
        try:
            values = cells_in_order(self.rows, names) or pick_values(self.rows, names)
        except KeyError:
            return self._sparse_values(encoding)
        if encoding.is_plain:
            return to_matrix(values, names)
        return values_of_columns([values[place :: len(names)] for place in range(len(names))], encoding)

    def part(self, rows: int, place: float) -> "NamedRows":
        """Return a copy of some rows."""
        return NamedRows(self.rows[part_of(len(self), rows, place)])

    def _sparse_values(self, encoding: Encoding) -> FloatArray:
        """Return the features of rows some of which lack one that may be empty, or raise `MissingFeature`."""
        needed = [column.name for column in encoding.columns if not column.has_gaps]
        rows = list(map(with_clean_names, self.rows))
        for number, row in enumerate(rows):
            for name in needed:
                if name not in row:
                    raise MissingFeature(number, name)
        return values_of_columns([[row.get(name) for row in rows] for name in encoding.feature_names], encoding)


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
        if not self.columns.keys() >= {*encoding.feature_names}:
            clean = with_clean_names(self.columns)
            if clean.keys() != self.columns.keys():
                return NamedColumns(clean).values(encoding)
        require_features(self.columns, encoding)
        lengths = {len(column) for column in self.columns.values() if type(column) is list}
        if len(lengths) > 1:
            raise ProblemError(400, "wrong_shape", "the columns must be of equal length")
        return self._plain_values(encoding) if encoding.is_plain else self._values(encoding)

    def part(self, rows: int, place: float) -> "NamedColumns":
        """Return a copy of some rows."""
        found = part_of(len(self), rows, place)
        return NamedColumns(
            {name: column[found] if type(column) is list else column for name, column in self.columns.items()}
        )

    def _values(self, encoding: Encoding) -> FloatArray:
        rows, columns = len(self), []
        for column, cells in zip(encoding.columns, map(self.columns.get, encoding.feature_names), strict=True):
            if not rows and column.name in self.columns and type(cells) is not list:
                input_values([[cells]], Encoding((column,)))
            columns.append(cells if type(cells) is list else [cells] * rows)
        return values_of_columns(columns, encoding)

    def _plain_values(self, encoding: Encoding) -> FloatArray:
        matrix = np.empty((len(self), len(encoding.columns)))
        for number, name in enumerate(encoding.feature_names):
            column = self.columns[name]
            values = to_matrix(column if type(column) is list else [column], (name,))
            if not len(matrix):
                validate_values(values, Encoding.of_numbers((name,)))
            matrix[:, number] = values[:, 0]
        return matrix


JsonTable = ListedRows | ListedNumbers | NamedRows | NamedColumns


def to_matrix(values: Sequence[Any], names: Sequence[str]) -> FloatArray:
    """Return `values`, row after row, as an array of shape (n_rows, n_names), or raise `ProblemError`."""
    numbers = plain_numbers(values)
    if numbers is None:
        suspects = in_invalid_chunks(values, _are_numbers)
        raise not_numbers((number for number, value in suspects if type(value) not in NUMBER_TYPES), names)
    return numbers.reshape(-1, len(names))


def _are_numbers(values: Sequence[Any]) -> bool:
    return set(map(type, values)) <= NUMBER_TYPES


def pick_values(rows: Iterable[Any], keys: Sequence[Any]) -> list[Any]:
    """Return the values of each row under `keys`, row after row."""
    pick = itemgetter(*keys)
    return list(map(pick, rows) if len(keys) == 1 else chain.from_iterable(map(pick, rows)))
