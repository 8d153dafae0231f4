"""Example cells: plausible rows, and the range of the training rows, as a request has them."""

from datetime import UTC, datetime, timedelta

import numpy as np

from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DAY_SECONDS, MAX_SECONDS, MIN_SECONDS, DatetimeColumn
from domain.features.encoding import AnyColumn, Encoding
from domain.features.number_column import NumberColumn
from domain.model.reference_predictions import ReferencePredictions

Cell = float | bool | str | None

EXAMPLES = (0.2, 0.5)
"""Numbers in the first and second row where neither reference rows nor a median are known."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def example_rows(encoding: Encoding, reference: ReferencePredictions | None) -> tuple[list[Cell], list[Cell]]:
    """Return two rows of cells, in the order of the encoding's columns: reference rows if there are three of them.

    The first reference row is left out, because it is the mean of the training rows, which is zero where numbers are
    standardized. Without reference rows, cells are medians, and a category's first levels.
    """
    if reference is None or len(reference.rows) < 3:  # noqa: PLR2004  # the mean and two others
        first, second = ([_typical_cell(column, place) for column in encoding.columns] for place in (0, 1))
        return first, second
    first, second = (
        [to_cell(column, value) for column, value in zip(encoding.columns, row, strict=True)]
        for row in reference.rows[1:3].tolist()
    )
    return first, second


def training_range(column: AnyColumn) -> tuple[Cell, Cell] | None:
    """Return the least and the largest cell of the training rows; None if it is unknown, or has no meaning."""
    if isinstance(column, DatetimeColumn):
        low, high = (column.origin + day * DAY_SECONDS for day in (column.elapsed.low, column.elapsed.high))
        return to_iso_text(round(low, 3)), to_iso_text(round(high, 3))
    if isinstance(column, NumberColumn) and column.kind == "number" and column.spline:
        return column.spline.low, column.spline.high
    return None


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


def to_iso_text(seconds: float) -> str:
    """Return a moment in seconds since 1970 in UTC as an ISO 8601 date, or as a timestamp if its time is not 00:00.

    Examples
    --------
    >>> to_iso_text(86400.0), to_iso_text(1.5)
    ('1970-01-02', '1970-01-01T00:00:01.500000Z')
    """
    moment = _EPOCH + timedelta(seconds=min(max(seconds, MIN_SECONDS), MAX_SECONDS))
    text = moment.isoformat().removesuffix("+00:00")
    return text.removesuffix("T00:00:00") if text.endswith("T00:00:00") else f"{text}Z"


def _typical_cell(column: AnyColumn, place: int) -> Cell:
    if isinstance(column, CategoryColumn):
        return to_cell(column, float(place if place < column.typical else 0))
    if isinstance(column, NumberColumn) and column.fill is None:
        return EXAMPLES[place]
    return to_cell(column, column.typical)
