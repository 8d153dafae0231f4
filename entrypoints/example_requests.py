"""Example requests: rows to try a model with."""

from collections.abc import Sequence

# Values of each feature where a model has no rows like those that it was trained on.
EXAMPLE = (0.2, 0.5)
# Of more features, rows are lists, because names would make them unreadable.
MAX_NAMED_FEATURES = 8


def examples(features: Sequence[str], rows: Sequence[Sequence[float]] = ()) -> tuple[object, list[object]]:
    """Return one row, and two rows, for a model of these features: plausible `rows` if there are two, else `EXAMPLE`.

    A row is a number if there is one feature, a mapping by name if there are a few, else a list.
    """
    values = rows[:2] if len(rows) > 1 else [[value] * len(features) for value in EXAMPLE]
    shown = [_shown(features, row) for row in values]
    return shown[0], shown


def _shown(features: Sequence[str], row: Sequence[float]) -> object:
    if len(features) == 1:
        return row[0]
    return dict(zip(features, row, strict=True)) if len(features) <= MAX_NAMED_FEATURES else list(row)
