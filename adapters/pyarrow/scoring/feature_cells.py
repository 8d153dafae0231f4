"""Feature cells: the cells of one column of a table, read as a request's cells are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from adapters.pyarrow.arrays import filled, from_mask, from_texts, is_null
from adapters.pyarrow.arrow_kinds import kind_of
from adapters.pyarrow.cells import distinct_texts, native_numbers, places_of, to_text
from adapters.pyarrow.text_formats import numbers_of
from domain.data.arrays import FloatArray, Mask
from domain.data.text_formats import PLAIN
from domain.features.cells import EXPECTED, UnusableCellsError, to_values
from domain.features.datetime_column import MAX_SECONDS, MIN_SECONDS
from domain.features.encoding import AnyColumn, Encoding

UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
"""Ticks of a timestamp in a second, by its unit."""
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
"""Texts of a boolean in a column without a format of its own, in lower case."""
MAX_INT = 2**63 - 1


class MisfitError(Exception):
    """The cell at a position of a batch is of another kind than its column."""

    def __init__(self, position: int, expected: str) -> None:
        super().__init__(position, expected)
        self.position, self.expected = position, expected


@dataclass(frozen=True, slots=True)
class FeatureCells:
    """How the cells of a feature become the values of the model's column.

    Parameters
    ----------
    column : NumberColumn, CategoryColumn or DatetimeColumn
    level_places : mapping of str to float
        Positions of a category's levels.
    markers : pyarrow.Array
        Texts of an empty cell.
    """

    column: AnyColumn
    level_places: Mapping[str, float]
    markers: pa.Array

    def values(self, cells: pa.Array) -> FloatArray:
        """Return one value per cell, NaN if it is empty; without a copy if they are float64 numbers.

        Raises
        ------
        MisfitError
            For the first cell of another kind.
        pyarrow.ArrowInvalid
            If a text is not UTF-8.
        """
        kind, held = self.column.kind, kind_of(cells.type)
        if held == "text" or is_binary(cells.type):
            return self._of_texts(cells)
        if held in ("number", "boolean") and kind in ("number", "boolean"):
            return self._of_numbers(cells)
        if kind == held == "datetime":
            return self._of_moments(cells)
        if kind == "category" and held in ("number", "boolean", "datetime"):
            return self._of_levels(cells)
        if held == "number" and self.column.column.format is not None:
            return self._of_texts(to_text(cells))
        return self._fitting(np.full(len(cells), np.nan), is_null(cells))

    def _of_numbers(self, cells: pa.Array) -> FloatArray:
        numbers = native_numbers(cells, np.float64).astype(np.float64, copy=False)
        if self.column.kind == "number" or kind_of(cells.type) == "boolean":
            return numbers
        return self._fitting(numbers, (numbers == 0) | (numbers == 1) | np.isnan(numbers))

    def _of_moments(self, cells: pa.Array) -> FloatArray:
        """Return seconds since 1970 in UTC to the microsecond, as a request's texts are read."""
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        if pa.types.is_date(cells.type):
            cells = cells.cast(pa.timestamp("s" if pa.types.is_date32(cells.type) else "ms"))
        unit = UNITS[cells.type.unit]
        ticks = filled(cells.cast(pa.int64()), 0)
        low, high = max(int(MIN_SECONDS) * unit, -MAX_INT), min((int(MAX_SECONDS) + 1) * unit - 1, MAX_INT)
        self._fitting(ticks, (ticks >= low) & (ticks <= high))
        finer, coarser = max(unit // UNITS["us"], 1), max(UNITS["us"] // unit, 1)
        return np.where(is_null(cells), np.nan, ticks // finer * coarser / UNITS["us"])

    def _of_levels(self, cells: pa.Array) -> FloatArray:
        """Return the values of a category's cells that are no texts; whole numbers are read as a request's."""
        encoded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()

        def values(distinct: pa.Array) -> FloatArray:
            listed, texts = distinct.to_pylist(), to_text(distinct).to_pylist()
            return self._of_cells([cell if _is_code(cell) else text for cell, text in zip(listed, texts, strict=True)])

        return self._of_distinct(encoded.indices, encoded.dictionary, values)

    def _of_texts(self, cells: pa.Array) -> FloatArray:
        positions, texts = distinct_texts(cells, self.markers)
        return self._of_distinct(positions, texts, self._text_values)

    def _text_values(self, texts: pa.Array) -> FloatArray:
        """Return the values of texts without blanks, NaN for null."""
        if self.column.kind == "number" and self.column.column.format is None:
            values, given = np.full(len(texts), np.nan), ~is_null(texts)
            values[given] = numbers_of(texts.drop_null(), PLAIN)
            if wrong := np.flatnonzero(given & np.isnan(values)).tolist():
                raise UnusableCellsError(wrong, EXPECTED["number"])
            return values
        cells = texts.to_pylist()
        if self.column.kind == "boolean":
            cells = [cell and BOOLEANS.get(cell.lower(), cell) for cell in cells]
        return self._of_cells(cells)

    def _of_cells(self, cells: list[Any]) -> FloatArray:
        return to_values(self.column, cells, self.level_places)

    def _of_distinct(
        self, positions: pa.Array, distinct: pa.Array, values: Callable[[pa.Array], FloatArray]
    ) -> FloatArray:
        """Return the value of each cell, given the positions of the cells among the distinct ones."""
        places, distinct = _used(places_of(positions), distinct)
        try:
            return np.append(values(distinct), np.nan)[places]
        except UnusableCellsError as error:
            raise MisfitError(int(np.isin(places, error.positions).argmax()), error.expected) from None

    def _fitting(self, values: Any, fits: Mask) -> FloatArray:
        """Return the values, or raise `MisfitError` for the first that does not fit."""
        if not fits.all():
            raise MisfitError(int(fits.argmin()), EXPECTED[self.column.kind])
        found: FloatArray = values
        return found


def feature_cells(encoding: Encoding, markers: Sequence[str]) -> list[FeatureCells]:
    """Return the reading of each column; a marker of empty cells that is a level of a column is no marker there."""
    return [
        FeatureCells(column, places, from_texts([each for each in markers if each not in places]))
        for column, places in zip(encoding.columns, encoding.level_places, strict=True)
    ]


def is_binary(kind: pa.DataType) -> bool:
    """Return whether a type holds the bytes of texts, as CSV files are read."""
    return bool(pa.types.is_binary(kind.value_type if pa.types.is_dictionary(kind) else kind))


def _is_code(cell: object) -> bool:
    """Return whether a number is whole, or NaN, which is an empty cell."""
    return type(cell) is int or (type(cell) is float and (cell != cell or cell.is_integer()))  # noqa: PLR0124  # true of NaN alone


def _used(places: npt.NDArray[np.intp], distinct: pa.Array) -> tuple[npt.NDArray[np.intp], pa.Array]:
    """Return places among those of the distinct cells that occur; a file may hold others."""
    occur = np.bincount(places + 1, minlength=len(distinct) + 1)[1:] > 0
    if occur.all():
        return places, distinct
    renumbered = np.append(np.cumsum(occur) - 1, -1)
    return renumbered[places], distinct.filter(from_mask(occur))
