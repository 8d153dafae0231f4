"""CSV cells: the numbers, booleans, texts and empty cells of a column."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from domain.data.columns import MISSING_MARKERS
from domain.features.cells import NUMBER_TYPES
from domain.features.encoding import AnyColumn

BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def to_cells(texts: Sequence[str], column: AnyColumn) -> list[Any]:
    """Return cells as JSON would have them: None for a missing marker that is not a level of the column.

    A text that is not of the column's kind is returned as it is, and so is each text of numbers in a format.
    """
    markers = frozenset(("", *MISSING_MARKERS)).difference(column.column.levels)
    cells: list[Any] = list(map(str.strip, texts))
    if not markers.isdisjoint(cells):
        cells = [None if cell in markers else cell for cell in cells]
    if column.kind == "number":
        return _numbers(cells) if column.column.format is None else cells
    if column.kind == "boolean":
        return [cell and BOOLEANS.get(cell.lower(), cell) for cell in cells]
    return cells


def _numbers(cells: Sequence[str | None]) -> list[Any]:
    present = [cell for cell in cells if cell is not None]
    numbers: Iterator[float | str] = iter(parse_numbers(present) or map(_number, present))
    return [cell if cell is None else next(numbers) for cell in cells]


def _number(cell: str) -> float | str:
    parsed = _parse_as_floats([cell])
    return cell if parsed is None else parsed[0]


def parse_numbers(cells: Sequence[str]) -> list[float] | None:
    """Return the numbers of `cells`, None if one is not a number."""
    numbers = _parse_as_json(cells)
    return _parse_as_floats(cells) if numbers is None else numbers


def _parse_as_json(cells: Sequence[str]) -> list[float] | None:
    """Return the numbers if all are written as in JSON, else None; this takes two thirds of the time of `float`.

    A cell that is not a number causes an error, another type or another count.
    """
    try:
        values: list[float] = orjson.loads(f"[{','.join(cells)}]")
    except orjson.JSONDecodeError:
        return None
    return values if len(values) == len(cells) and set(map(type, values)) <= NUMBER_TYPES else None


def _parse_as_floats(cells: Sequence[str]) -> list[float] | None:
    """Return the numbers as `float` reads them, None if a cell is not a number.

    1_000 and digits of other scripts are not numbers.
    """
    text = "".join(cells)
    if "_" in text or not text.isascii():
        return None
    try:
        return list(map(float, cells))
    except ValueError:
        return None
