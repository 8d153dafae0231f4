"""Search for the few wrong values among many: a piece of values that is right as a whole costs no Python step each."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Value = TypeVar("Value")

PIECE = 1024


def suspects(values: Sequence[Value], are_right: Callable[[Sequence[Value]], bool]) -> Iterator[tuple[int, Value]]:
    """Yield position and value of all values in those pieces that `are_right` is False for.

    >>> list(suspects([1] * PIECE + [2], lambda piece: 2 not in piece))
    [(1024, 2)]
    """
    for first in range(0, len(values), PIECE):
        piece = values[first : first + PIECE]
        if not are_right(piece):
            yield from enumerate(piece, first)
