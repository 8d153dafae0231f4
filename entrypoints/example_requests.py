"""Rows that fit a model, to try it with."""

from collections.abc import Sequence

# What an example gives for each feature, and in how many features an example can still be read.
EXAMPLE, FEW = (0.2, 0.5), 8


def examples(features: Sequence[str]) -> tuple[object, list[object]]:
    """Return a row, and rows, for a model of these features: numbers, or numbers by name if there are a few."""
    if len(features) == 1:
        return EXAMPLE[0], list(EXAMPLE)
    if len(features) <= FEW:
        return dict.fromkeys(features, EXAMPLE[0]), [dict.fromkeys(features, value) for value in EXAMPLE]
    return [EXAMPLE[0]] * len(features), [[value] * len(features) for value in EXAMPLE]
