"""Prediction input: converts rows or columns of a request to the values that an encoding takes."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray, Mask, all_finite_fast
from domain.data.column_names import clean_text
from domain.errors import format_names
from domain.features.cells import Cell, Cells, UnusableCellsError, to_value, to_values
from domain.features.encoding import Encoding
from domain.model.errors import (
    FeatureNotFinite,
    FeatureOutOfRange,
    InvalidRow,
    MissingFeature,
    UnknownFeature,
    WrongKind,
)

# Magnitude of a feature, at most: far above any measurement, with room for a product and a sum.
MAX_MAGNITUDE = 1e300

# One row: the cell of the only feature, the cells in the model's order, or the cells by name.
Row = Cell | Sequence[Cell] | Mapping[str, Cell]

Value = TypeVar("Value")


class PredictionInput(Protocol):
    """Rows to predict in a form of their own."""

    @abstractmethod
    def values(self, encoding: Encoding) -> FloatArray:
        """Return the values of the encoding's columns, shape (n_rows, n_features), or raise `InvalidRow`."""

    @abstractmethod
    def part(self, rows: int, place: float) -> "PredictionInput":
        """Return a copy of at most `rows` consecutive rows, whose start `place` gives as in `part_of`."""


@dataclass(frozen=True, slots=True)
class MatrixInput(PredictionInput):
    """An array of shape (n_rows, n_features), columns in the order of the model."""

    matrix: npt.NDArray[Any]

    def values(self, encoding: Encoding) -> FloatArray:
        """Return an array of plain numbers as it is; raise `InvalidRow` for more or fewer columns than features."""
        _require_count(0, self.matrix.shape[1], encoding.feature_names)
        is_plain = encoding.is_plain and self.matrix.dtype == np.float64
        return self.matrix if is_plain else values_of_columns(self.matrix.T, encoding)

    def part(self, rows: int, place: float) -> "MatrixInput":
        """Return a copy of some rows."""
        return MatrixInput(self.matrix[part_of(len(self.matrix), rows, place)].copy())


@dataclass(frozen=True, slots=True)
class ColumnInput(PredictionInput):
    """Cells by feature, each of shape (n_rows,); columns of different lengths are a `ValueError`.

    Examples
    --------
    >>> columns = ColumnInput({"age": np.array([4.0, 0.0]), "area": np.array([3.0, 1.0])})
    >>> columns.values(Encoding.of_numbers(("area", "age"))).tolist()
    [[3.0, 4.0], [1.0, 0.0]]
    """

    by_name: Mapping[str, Cells]

    def values(self, encoding: Encoding) -> FloatArray:
        """Return the columns beside each other; raise `InvalidRow` if they are not exactly the features."""
        absent = _absent(self.by_name, encoding)
        if not (absent and self.by_name):
            return values_of_columns(_by_name(0, self.by_name, encoding), encoding)
        empty = dict.fromkeys(absent, [None] * len(next(iter(self.by_name.values()))))
        return values_of_columns(_by_name(0, {**self.by_name, **empty}, encoding), encoding)

    def part(self, rows: int, place: float) -> "ColumnInput":
        """Return a copy of some rows."""
        found = part_of(max(map(len, self.by_name.values()), default=0), rows, place)
        return ColumnInput({name: copy(cells[found]) for name, cells in self.by_name.items()})


def part_of(count: int, rows: int, place: float) -> slice:
    """Return the places of at most `rows` consecutive rows of `count`: the first ones for 0, the last ones near 1.

    >>> part_of(10, 3, 0.0), part_of(10, 3, 0.99), part_of(2, 3, 0.5)
    (slice(0, 3, None), slice(7, 10, None), slice(0, 3, None))
    """
    start = int(place * (max(count - rows, 0) + 1))
    return slice(start, start + rows)


def input_part(rows: Sequence[Row] | PredictionInput, most: int, place: float) -> Sequence[Row] | PredictionInput:
    """Return a copy of at most `most` consecutive rows, whose start `place` gives as in `part_of`."""
    return rows[part_of(len(rows), most, place)] if isinstance(rows, Sequence) else rows.part(most, place)


def input_values(rows: Sequence[Row] | PredictionInput, encoding: Encoding) -> FloatArray:
    """Return `rows` as values of the encoding's columns, shape (n_rows, n_features).

    A key that is absent is an empty cell. Keys of `encoding.left_out` are not read.

    Raises
    ------
    InvalidRow
        For the first row whose features are not exactly the model's, or of another kind, or not finite, or larger than
        1e300 in magnitude, or empty where the training rows had no empty cell.
    """
    if not isinstance(rows, Sequence):
        values = rows.values(encoding)
    elif encoding.is_plain:
        values = _plain_values(rows, encoding)
    else:
        flat, width = _flat_cells(rows, encoding), len(encoding.columns)
        values = values_of_columns([flat[place::width] for place in range(width)], encoding)
    validate_values(values, encoding)
    return values


def uniform_cells(rows: Sequence[Any], encoding: Encoding) -> list[Any] | None:
    """Return the cells of rows that are alike in the order of the model, row after row; None for any others."""
    try:
        return list(_uniform(rows, encoding))
    except (KeyError, ValueError):
        return None


def values_of_columns(columns: Iterable[Cells], encoding: Encoding) -> FloatArray:
    """Return the values, shape (n_rows, n_features), of cells by column, in the order of the encoding.

    Raises
    ------
    WrongKind
        If a cell is of another kind than its column.
    """
    values: list[Any] = []
    for column, cells, level_places in zip(encoding.columns, columns, encoding.level_places, strict=True):
        try:
            is_one = len(cells) == 1 and isinstance(cells, list)
            values.append(
                [to_value(column, cells[0], level_places)] if is_one else to_values(column, cells, level_places)
            )
        except UnusableCellsError as error:
            raise WrongKind(error.positions, column.name, error.expected) from None
    # Column by column in memory, as they are read.
    return np.array(values).T


def validate_values(values: FloatArray, encoding: Encoding) -> None:
    """Raise `FeatureNotFinite`, `FeatureOutOfRange` or `MissingFeature` for the first value that is not allowed.

    NaN is an empty cell, except among plain numbers, where it is a number that is not finite.
    """
    unusable = unusable_values(values, encoding)
    if unusable is None:
        return
    row, place = (int(place) for place in np.argwhere(unusable)[0])
    value, name = values[row, place], encoding.feature_names[place]
    if np.isfinite(value):
        raise FeatureOutOfRange(row, name, MAX_MAGNITUDE)
    if np.isnan(value) and not encoding.is_plain:
        raise MissingFeature(row, name)
    raise FeatureNotFinite(row, name)


def unusable_values(values: FloatArray, encoding: Encoding) -> Mask | None:
    """Return which values, shape (n_rows, n_features), `validate_values` does not allow; None if all are allowed."""
    if all_finite_fast(values if encoding.is_plain else values.T):  # in the order of the memory, without a copy
        return None
    usable = np.abs(values) <= MAX_MAGNITUDE  # which NaN is not
    if not encoding.is_plain:
        usable |= np.isnan(values) & encoding.have_gaps
    return None if usable.all() else ~usable


def _plain_values(rows: Sequence[Any], encoding: Encoding) -> FloatArray:
    width = len(encoding.columns)
    try:
        # Uniform rows need no Python step for each.
        values = np.fromiter(_uniform(rows, encoding), np.float64, len(rows) * width)
    except (KeyError, TypeError, ValueError):  # rows of several forms, or with an error to locate
        values = np.fromiter(_one_by_one(rows, encoding), np.float64, len(rows) * width)
    return values.reshape(len(rows), width)


def _flat_cells(rows: Sequence[Any], encoding: Encoding) -> list[Any]:
    cells = uniform_cells(rows, encoding)
    return list(_one_by_one(rows, encoding)) if cells is None else cells


def _uniform(rows: Sequence[Any], encoding: Encoding) -> Iterable[Any]:
    """Return the cells of uniform rows, row after row; raise `KeyError` or `ValueError`, maybe during iteration."""
    width = len(encoding.columns)
    if width == 1 and rows and encoding.is_plain and isinstance(rows[0], int | float):
        return rows
    kinds = set(map(type, rows))
    if kinds == {list} and set(map(len, rows)) == {width}:
        return chain.from_iterable(rows)
    if kinds == {dict}:
        in_order = cells_in_order(rows, encoding.feature_names)
        if in_order is not None:
            return in_order
        known = encoding.known_names
        if set(map(len, rows)) == {width} or known.issuperset(chain.from_iterable(set(map(tuple, rows)))):
            values = map(itemgetter(*encoding.feature_names), rows)
            return values if width == 1 else chain.from_iterable(values)
    raise ValueError("the rows are not uniform")


def cells_in_order(rows: Sequence[dict[str, Any]], names: tuple[str, ...]) -> Iterable[Any] | None:
    """Return the cells, row after row, if each of several has `names` and no other key in this order, else None."""
    first = list(rows[0]) if len(rows) > 1 else []  # one row gains nothing
    if tuple(first) == names:
        keys = list(chain.from_iterable(rows))
        # A row has a key once at most, so that each of them has all keys in this order.
        if len(keys) == len(first) * len(rows) and keys == first * len(rows):
            return chain.from_iterable(map(dict.values, rows))
    return None


def _one_by_one(rows: Sequence[Any], encoding: Encoding) -> Iterator[Any]:
    return chain.from_iterable(_cells(number, row, encoding) for number, row in enumerate(rows))


def _cells(number: int, row: Any, encoding: Encoding) -> Sequence[Any]:
    if isinstance(row, Mapping):
        row = row if encoding.known_names.issuperset(row) else with_clean_names(row)
        absent = _absent(row, encoding)
        return _by_name(number, {**row, **dict.fromkeys(absent)} if absent else row, encoding)
    values = row if isinstance(row, Sequence) and not isinstance(row, str) else (row,)
    _require_count(number, len(values), encoding.feature_names)
    return values


def with_clean_names(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return cells by their names as tables have them."""
    return {clean_text(name): cell for name, cell in row.items()}


def _require_count(number: int, count: int, feature_names: tuple[str, ...]) -> None:
    if count != len(feature_names):
        expected = f"{len(feature_names)} ({format_names(feature_names)})"
        raise InvalidRow(number, None, f"{count} {'value' if count == 1 else 'values'}, but the model takes {expected}")


def _absent(row: Mapping[str, Any], encoding: Encoding) -> list[str]:
    """Return the features that `row` lacks and that may be empty."""
    return [column.name for column in encoding.columns if column.has_gaps and column.name not in row]


def _by_name(number: int, row: Mapping[str, Value], encoding: Encoding) -> Sequence[Value]:
    names = encoding.feature_names
    values = [row[name] for name in names if name in row]
    if len(values) == len(row) == len(names):
        return values
    for name in row:
        if name not in encoding.known_names:
            raise UnknownFeature(number, name, names)
    if len(values) == len(names):
        return values
    raise MissingFeature(number, next(name for name in names if name not in row))
