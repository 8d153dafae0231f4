"""Number lists: a long list of numbers is cut out of a body in JSON, and its array is put into the value of the rest.

Any other list is left to orjson, as is each one where there is no simdjson: only the time differs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from domain.data.arrays import FloatArray
from entrypoints.web.wire import number_parser

# Below this, simdjson and the search for the list take as long as orjson.
MIN_BYTES = 8_192
# Stands for the list in the rest of the body. No other string can be the same: the rest has no backslash.
MARK = "\x7f"
MARK_BYTES, MARK_JSON = MARK.encode(), orjson.dumps([MARK])


@dataclass(frozen=True, slots=True, eq=False)
class NumberList:
    """A list of numbers, shape (n,), or of equally long lists of numbers, shape (n_rows, n_columns), and its JSON."""

    array: FloatArray
    text: memoryview

    def __len__(self) -> int:
        """Return the number of elements, which are numbers or lists."""
        return len(self.array)

    def to_list(self) -> list[Any]:
        """Return the list as orjson parses it."""
        values: list[Any] = orjson.loads(self.text)
        return values


class Taken(NamedTuple):
    """A number list, the body with a mark in its place, and the keys and positions that lead to it."""

    numbers: NumberList
    rest: bytes
    path: Sequence[str | int]

    @property
    def lists(self) -> int:
        """The number of lists in it."""
        return len(self.numbers.array) if self.numbers.array.ndim > 1 else 0

    def is_put_into(self, value: Any) -> bool:
        """Put the list into the value of `rest` at its path; return False if the mark is at another place."""
        *steps, last = self.path
        try:
            for step in steps:
                value = value[step]
            is_there: bool = value[last] == [MARK]
        except (IndexError, KeyError, TypeError):
            return False
        if is_there:
            value[last] = self.numbers
        return is_there


class NumberPlaces:
    """Places in a body where a number list may be; each is given by its keys and positions, the last of them a key."""

    def __init__(self, *paths: Sequence[Any]) -> None:
        self._paths = {path[-1].encode(): path for path in paths}
        self._beginning = re.compile(rb'"(' + b"|".join(self._paths) + rb')"\s*:\s*\[')

    def take(self, raw: bytes, max_lists: int) -> Taken | None:
        """Return the first list under one of the keys if it is a number list, not of more than `max_lists` lists."""
        if number_parser.PARSER is None or len(raw) < MIN_BYTES or not (found := self._beginning.search(raw)):
            return None
        begins = found.end() - 1
        # Numbers and lists have neither braces nor quotes.
        before = raw.find(b'"', begins, brace := raw.find(b"}", begins))
        ends = raw.rfind(b"]", begins, brace if before < 0 else before) + 1
        if not ends:
            return None
        rest = raw[:begins] + MARK_JSON + raw[ends:]
        if b"\\" in rest or rest.count(MARK_BYTES) > 1:
            return None
        array = number_parser.parse_numbers(raw, begins, ends, max_lists)
        if array is None:
            return None
        return Taken(NumberList(array, memoryview(raw)[begins:ends]), rest, self._paths[found[1]])
