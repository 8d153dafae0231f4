"""Prediction input: converts rows or columns of a request to the values that an encoding takes."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.features.cells import Cell, Cells, UnusableCellsError, to_value, to_values
from domain.features.encoding import Encoding
from domain.model.errors import WrongKind
from domain.model.row_cells import absent_features, cells_by_name, cells_of_each, require_count, uniform_cells
from domain.model.usable_values import validate_values

# One row: the cell of the only feature, the cells in the model's order, or the cells by name.
Row = Cell | Sequence[Cell] | Mapping[str, Cell]


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
        require_count(0, self.matrix.shape[1], encoding.feature_names)
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
        absent = absent_features(self.by_name, encoding)
        if not (absent and self.by_name):
            return values_of_columns(cells_by_name(0, self.by_name, encoding), encoding)
        empty = dict.fromkeys(absent, [None] * len(next(iter(self.by_name.values()))))
        return values_of_columns(cells_by_name(0, {**self.by_name, **empty}, encoding), encoding)

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
    values = values_of_rows(rows, encoding) if isinstance(rows, Sequence) else rows.values(encoding)
    validate_values(values, encoding)
    return values


def values_of_rows(rows: Sequence[Row], encoding: Encoding) -> FloatArray:
    """Return the values, shape (n_rows, n_features), of rows in lists or by name; raise the errors of their cells."""
    cells, width = uniform_cells(rows, encoding), len(encoding.columns)
    if cells is None:
        cells = cells_of_each(rows, encoding)
    if encoding.is_plain:
        return np.fromiter(cells, np.float64, len(cells)).reshape(len(rows), width)
    return values_of_columns([cells[place::width] for place in range(width)], encoding)


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
