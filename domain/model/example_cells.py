"""Example cells: plausible rows, and the range of the training rows, as a request has them."""

from domain.features.category_column import CategoryColumn
from domain.features.cells import Cell, to_cell
from domain.features.datetime_column import DAY_SECONDS, DatetimeColumn
from domain.features.encoding import AnyColumn, Encoding
from domain.features.moments import to_iso_text
from domain.features.number_column import NumberColumn
from domain.model.reference_predictions import ReferencePredictions

EXAMPLES = (0.2, 0.5)
"""Numbers in the first and second row where neither reference rows nor a median are known."""


def example_rows(encoding: Encoding, reference: ReferencePredictions | None) -> tuple[list[Cell], list[Cell]]:
    """Return two rows of cells, in the order of the encoding's columns: reference rows if there are three of them.

    The first reference row is left out, because it is the mean of the training rows, which is zero where numbers are
    standardized. Without reference rows, cells are medians, and a category's first levels.
    """
    if reference is None or len(reference.rows) < 3:  # noqa: PLR2004  # the mean and two others
        first, second = ([_typical_cell(column, place) for column in encoding.columns] for place in (0, 1))
        return first, second
    return list(reference.rows[1]), list(reference.rows[2])


def training_range(column: AnyColumn) -> tuple[Cell, Cell] | None:
    """Return the least and the largest cell of the training rows; None if it is unknown, or has no meaning."""
    if isinstance(column, DatetimeColumn):
        low, high = (column.origin + day * DAY_SECONDS for day in (column.elapsed.low, column.elapsed.high))
        return to_iso_text(round(low, 3)), to_iso_text(round(high, 3))
    if isinstance(column, NumberColumn) and column.kind == "number" and column.low is not None:
        return column.low, column.high
    return None


def _typical_cell(column: AnyColumn, place: int) -> Cell:
    if isinstance(column, CategoryColumn):
        return to_cell(column, float(place if place < column.typical else 0))
    if isinstance(column, NumberColumn) and column.kind == "number" and column.fill is None:
        return EXAMPLES[place]
    return to_cell(column, column.typical)
