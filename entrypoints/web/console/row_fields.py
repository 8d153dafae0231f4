"""Row fields: a form field for each column of a model, and the cells in the query of a request.

Fields have numbers, `x.0` and so on, because the name of a column may be that of another field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from markupsafe import Markup

from domain.features.category_column import CategoryColumn
from domain.features.cells import Cell
from domain.features.encoding import AnyColumn, Encoding
from domain.model.example_cells import training_range
from domain.model.model_version import ModelVersion
from entrypoints.web.console.charts.density import density
from entrypoints.web.console.numerals import end_of_range, whole
from entrypoints.web.console.page import Query
from entrypoints.web.console.training_bins import training_bins

# Columns with a field of their own, at most.
MAX_FIELDS = 24
# Columns of a model whose fields have a density, at most.
MAX_DENSITIES = 12
# Levels of a category that are offered as a list, at most; of more, the field takes text.
MAX_CHOICES = 60
BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}
NO_TIME = 10
"""Characters of a date without a time."""


@dataclass(frozen=True, slots=True)
class RowField:
    """A field of the form.

    Parameters
    ----------
    place : int
        Of the column in the encoding.
    name : str
    kind : {'number', 'select', 'date', 'datetime-local', 'text'}
    value : str
        As the form has it.
    choices : tuple of str
        Of a select.
    low, high : str
        Range of the training rows, for a slider and for reading; empty if there is none.
    note : str
        What the training rows had.
    may_be_empty : bool
    bars : Markup or None
        Density of the training rows from the least to the largest; None for other kinds than numbers and dates.
    """

    place: int
    name: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    note: str = ""
    may_be_empty: bool = False
    bars: Markup | None = None


def is_wide(encoding: Encoding) -> bool:
    """Return whether the columns are too many to show a whole row."""
    return len(encoding.columns) > MAX_FIELDS


def row_fields(version: ModelVersion, row: Sequence[Cell], query: Query) -> tuple[RowField, ...]:
    """Return the fields, with the texts of the query, or with the cells of `row` where the query has none."""
    columns = version.model.encoding.columns
    fields = (
        _field(place, column, query.get(f"x.{place}", _text(cell)))
        for place, (column, cell) in enumerate(zip(columns, row, strict=True))
    )
    if len(columns) > MAX_DENSITIES:
        return tuple(fields)
    return tuple(replace(field, bars=_bars(version, field.place)) for field in fields)


def _bars(version: ModelVersion, place: int) -> Markup | None:
    low, high = version.model.encoding.columns[place].value_range
    bins = training_bins(version, place, low, high) if low < high and isfinite(high - low) else ()
    return density(bins, low, high, 1.0) if bins else None


def row_of(encoding: Encoding, fields: Sequence[RowField]) -> dict[str, Cell]:
    """Return the cells by name; a text that is no value of its column stays as it is, and the model refuses it."""
    return {column.name: _cell(column, field.value) for column, field in zip(encoding.columns, fields, strict=True)}


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004  # floats count to 2**53
        return str(int(cell))
    return "" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _cell(column: AnyColumn, text: str) -> Cell:
    if not text.strip():
        return None
    if column.kind == "boolean":
        return BOOLEANS.get(text, text)
    if column.kind == "number" and "_" not in text:
        try:
            value = float(text)
        except ValueError:
            return text
        return value if isfinite(value) else text
    return text


def _field(place: int, column: AnyColumn, value: str) -> RowField:
    ends = training_range(column)
    kind, choices = _kind(column, value, ends)
    low, high = (_text(end) for end in ends) if ends and kind == "number" else ("", "")
    return RowField(place, column.name, kind, value, choices, low, high, _note(column, ends), column.has_gaps)


def _kind(column: AnyColumn, value: str, ends: tuple[Cell, Cell] | None) -> tuple[str, tuple[str, ...]]:
    """Return the kind of the field, and the choices of a select; a text that no select has stays a text."""
    if column.kind == "boolean":
        return "select", tuple(BOOLEANS)
    if isinstance(column, CategoryColumn) and len(column.levels) <= MAX_CHOICES:
        known = value in column.levels or not value
        return "select", column.levels if known else (value, *column.levels)
    if column.kind == "number" and column.column.format is None:
        return "number", ()
    if column.kind == "datetime" and ends and {len(str(end)) for end in ends} == {NO_TIME} and len(value) == NO_TIME:
        return "date", ()
    return "text", ()


def _note(column: AnyColumn, ends: tuple[Cell, Cell] | None) -> str:
    if isinstance(column, CategoryColumn):
        count = len(column.levels) + len(column.pooled)
        return f"{whole(count)} known levels"
    if ends is None:
        return ""
    first, last = (end_of_range(end) if isinstance(end, float) else str(end)[:NO_TIME] for end in ends)
    return f"from {first} to {last} in the training rows"
