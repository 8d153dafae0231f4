"""Cells: what JSON, CSV or an array has in one column, converted to the numbers of a block and back."""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from math import ldexp
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.data.column_names import clean_text
from domain.data.columns import Kind
from domain.features.category_column import CategoryColumn
from domain.features.encoding import AnyColumn
from domain.features.moments import to_iso_text, to_seconds, to_seconds_at_once

Cells = Sequence[Any] | npt.NDArray[Any]
"""Numbers, booleans, texts, and None or NaN where a cell is empty."""

Cell = float | bool | str | None
"""One of them; NaN is None."""

# Positions that an error names, at most.
MAX_POSITIONS = 10
# `bool` is a subclass of `int`, so the types themselves are compared: true is not 1.
NUMBER_TYPES, BOOLEAN_TYPES = frozenset((int, float)), frozenset((bool, int, float))
TRUTH_TYPES = frozenset((bool, np.bool_))
EXPECTED: Mapping[Kind, str] = {
    "number": "a number",
    "boolean": "true or false",
    "category": "a text",
    "datetime": "an ISO 8601 date or time within the years 1 to 9999",
}
UNUSABLE = (TypeError, ValueError, OverflowError)
# Marks a cell that is no level as it is.
NO_LEVEL = -1.0


class UnusableCellsError(Exception):
    """Cells of another kind than their column: the first positions, and what is expected instead."""

    def __init__(self, positions: Sequence[int], expected: str) -> None:
        super().__init__(expected)
        self.positions, self.expected = positions, expected


def to_values(column: AnyColumn, cells: Cells, level_places: Mapping[str, float]) -> FloatArray:
    """Return the values, shape (n,), that `column` encodes; NaN where a cell is empty.

    Parameters
    ----------
    column : NumberColumn, CategoryColumn or DatetimeColumn
    cells : sequence or array of shape (n,)
    level_places : mapping of str to float
        Positions of a category's levels.

    Raises
    ------
    UnusableCellsError
        If a cell is of another kind than the column.
    """
    if isinstance(cells, np.ndarray) and column.kind == "number" and cells.dtype.kind in "iuf":
        return cells.astype(np.float64, copy=False)
    listed: Sequence[Any] = cells.tolist() if isinstance(cells, np.ndarray) else cells
    if column.kind == "category":
        return _positions(listed, level_places, column.typical)
    try:
        return _AT_ONCE[column.kind](listed)
    except UNUSABLE:  # an empty cell, or one with an error to locate
        return _one_by_one(listed, range(len(listed)), _conversion(column), EXPECTED[column.kind])


def to_value(column: AnyColumn, cell: Any, level_places: Mapping[str, float]) -> float:
    """Return the value that `to_values` returns for one cell, in a fraction of its time."""
    if cell is None:
        return np.nan
    try:
        return level_places[cell] if column.kind == "category" else _CONVERSIONS[column.kind](cell)
    except (KeyError, *UNUSABLE):  # a text that is no level as it is, one with a format, or an error
        return to_values(column, [cell], level_places).item()


def plain_numbers(cells: Sequence[Any]) -> FloatArray | None:
    """Return numbers, shape (n,); None if another cell is among them, such as true, a text or an empty one."""
    try:
        values = _floats(cells)
    except struct.error:
        return None
    # Only 0 and 1 can be false and true.
    can_be_booleans = ((values == 0) | (values == 1)).any()
    return values if not can_be_booleans or TRUTH_TYPES.isdisjoint(map(type, cells)) else None


def _positions(cells: Sequence[Any], level_places: Mapping[str, float], typical: float) -> FloatArray:
    """Return the positions of texts among the levels; a text that is a level as it is costs no Python step."""
    if len(cells) > 1:  # `itemgetter` returns no tuple of one
        with suppress(KeyError, TypeError):  # a cell is no level as it is
            return _floats(itemgetter(*cells)(level_places))
    try:
        values = np.fromiter(map(level_places.get, cells, repeat(NO_LEVEL)), np.float64, len(cells))
    except TypeError:  # a list or an object, which is no key
        values = np.full(len(cells), NO_LEVEL)
    if len(values) and values.min() == NO_LEVEL:
        others, width = np.flatnonzero(values == NO_LEVEL), _code_width(level_places)
        values[others] = _one_by_one(
            cells, others.tolist(), lambda cell: level_places.get(_text(cell, width), typical), EXPECTED["category"]
        )
    return values


def _one_by_one(
    cells: Sequence[Any], positions: Iterable[int], convert: Callable[[Any], float], expected: str
) -> FloatArray:
    values, unusable = [], []
    for position in positions:
        cell = cells[position]
        try:
            values.append(np.nan if _is_empty(cell) else convert(cell))
        except UNUSABLE:
            unusable.append(position)
            if len(unusable) == MAX_POSITIONS:
                break
    if unusable:
        raise UnusableCellsError(unusable, expected)
    return np.array(values, dtype=np.float64)


def _conversion(column: AnyColumn) -> Callable[[Any], float]:
    """Return the conversion of a cell; a text may have the format of the column."""
    convert, form = _CONVERSIONS[column.kind], column.column.format
    if form is None:
        return convert
    of_plain = to_seconds if form.kind == "datetime" else float

    def with_format(cell: Any) -> float:
        try:
            return convert(cell)
        except UNUSABLE:
            if not isinstance(cell, str):
                raise
            return of_plain(form.to_plain(cell.strip()))

    return with_format


def _is_empty(cell: Any) -> bool:
    return cell is None or (type(cell) is float and cell != cell)  # noqa: PLR0124  # true of NaN alone


def _number(cell: Any) -> float:
    if type(cell) in TRUTH_TYPES:
        raise TypeError
    return ldexp(cell, 0)  # `float` reads texts, too


def _boolean(cell: Any) -> float:
    """Return 0 or 1; data frames with empty cells hold these numbers."""
    if type(cell) not in BOOLEAN_TYPES or cell not in (0, 1):
        raise TypeError
    return float(cell)


def _code_width(levels: Iterable[str]) -> int:
    """Return the number of digits of levels such as postcodes, 0 if they differ or are no digits."""
    widths = {len(level) if level.isdecimal() else 0 for level in levels}
    return widths.pop() if len(widths) == 1 else 0


def _text(cell: Any, width: int) -> str:
    """Return a text as tables have it.

    Data frames hold codes such as postcodes as whole numbers; zeros fill them up to the `width` of the levels.
    """
    if type(cell) in NUMBER_TYPES and int(cell) == cell:
        return str(int(cell)).zfill(width)
    if not isinstance(cell, str):
        raise TypeError
    return clean_text(cell)


def _numbers_at_once(cells: Sequence[Any]) -> FloatArray:
    if (values := plain_numbers(cells)) is not None:
        return values
    if (values := plain_numbers([np.nan if cell is None else cell for cell in cells])) is not None:
        return values
    raise TypeError


def _booleans_at_once(cells: Sequence[Any]) -> FloatArray:
    found = set(map(type, cells))
    if not found <= {bool, type(None)}:
        raise TypeError
    return _floats(cells if found <= {bool} else [np.nan if cell is None else cell for cell in cells])


def _floats(cells: Sequence[Any]) -> FloatArray:
    """Return numbers and booleans, shape (n,), in half the time of `np.fromiter`; raise `struct.error` for others."""
    return np.frombuffer(struct.pack(f"{len(cells)}d", *cells))


_AT_ONCE: Mapping[Kind, Callable[[Sequence[Any]], FloatArray]] = {
    "number": _numbers_at_once,
    "boolean": _booleans_at_once,
    "datetime": to_seconds_at_once,
}
_CONVERSIONS: Mapping[Kind, Callable[[Any], float]] = {"number": _number, "boolean": _boolean, "datetime": to_seconds}


def to_cell(column: AnyColumn, value: float) -> Cell:
    """Return a value of the column's blocks as JSON has it; a text that is not among the levels is '(other)'.

    Examples
    --------
    >>> to_cell(CategoryColumn("city", ("Bergen", "Oslo")), 1.0)
    'Oslo'
    """
    if np.isnan(value):
        return None
    if column.kind == "datetime":
        return to_iso_text(value)
    if isinstance(column, CategoryColumn):
        return column.column.levels[int(value)] if value < column.typical else "(other)"
    return bool(value) if column.kind == "boolean" else value
