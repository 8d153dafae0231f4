"""Example requests: rows to try a model with."""

from collections.abc import Sequence

from domain.features.cells import Cell
from domain.features.encoding import Encoding
from domain.model.example_cells import example_rows
from domain.model.reference_predictions import ReferencePredictions

# Of more features, rows are lists, because names would make them unreadable.
MAX_NAMED_FEATURES = 8


def examples(encoding: Encoding, reference: ReferencePredictions | None) -> tuple[object, list[object]]:
    """Return one row, and two rows, as `domain.model.example_cells` makes them.

    A row is a value alone if there is one feature, a mapping by name if there are a few, else a list.
    """
    rows = example_rows(encoding, reference)
    shown = [_shown(encoding.feature_names, list(map(_short, row))) for row in rows]
    return shown[0], shown


def _short(cell: Cell) -> Cell:
    """Return a whole number without a decimal point."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _shown(features: Sequence[str], row: Sequence[Cell]) -> object:
    if len(features) == 1:
        return row[0]
    return dict(zip(features, row, strict=True)) if len(features) <= MAX_NAMED_FEATURES else list(row)
