"""Search for the few invalid values among many: a chunk of valid values costs no Python step for each value."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Value = TypeVar("Value")

CHUNK_VALUES = 1024


def in_invalid_chunks(
    values: Sequence[Value], are_valid: Callable[[Sequence[Value]], bool]
) -> Iterator[tuple[int, Value]]:
    """Yield position and value of all values in the chunks that `are_valid` returns False for.

    >>> list(in_invalid_chunks([1] * CHUNK_VALUES + [2], lambda chunk: 2 not in chunk))
    [(1024, 2)]
    """
    for first in range(0, len(values), CHUNK_VALUES):
        chunk = values[first : first + CHUNK_VALUES]
        if not are_valid(chunk):
            yield from enumerate(chunk, first)
