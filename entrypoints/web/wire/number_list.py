"""Number lists: the numbers of a long list in JSON become an array, without a Python object for each.

simdjson parses the text of the list, and orjson the rest of the body. Any other list is left to orjson, as is each one
where there is no simdjson: only the time differs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import orjson

from domain.data.arrays import FloatArray

# Below this, simdjson and the search for the list take as long as orjson.
MIN_BYTES = 8_192
# The square of 2 ** 53: floats below are whole numbers exactly, so that nothing depends on how a number is written.
MAX_SQUARES = 2.0**106
OPEN_BRACKET = ord("[")
# Stands for the list in the rest of the body. No other string can be the same: the rest has no backslash.
MARK = "\x7f"
MARK_BYTES, MARK_JSON = MARK.encode(), orjson.dumps([MARK])


def _parser() -> Any:
    """Return the class of simdjson's parsers, None where it is not installed."""
    try:
        return import_module("simdjson").Parser
    except ImportError:
        return None


PARSER = _parser()
# A parser keeps the memory of its longest text for the next one; only those of short texts are kept.
SPARE_PARSERS: list[Any] = []
MAX_KEPT_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
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
        if PARSER is None or len(raw) < MIN_BYTES or not (found := self._beginning.search(raw)):
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
        text = memoryview(raw)[begins:ends]
        array = _to_array(text, max_lists)
        return None if array is None else Taken(NumberList(array, text), rest, self._paths[found[1]])


def _to_array(text: memoryview, max_lists: int) -> FloatArray | None:
    lists = int(np.count_nonzero(np.frombuffer(text, np.uint8) == OPEN_BRACKET)) - 1
    if lists > max_lists:
        return None
    try:
        parser = SPARE_PARSERS.pop()
    except IndexError:  # each of the others has a request
        parser = PARSER()
    try:
        values = parser.parse(text)
        array: FloatArray = np.frombuffer(values.as_buffer(of_type="d"))
        # As many lists as elements, each of which has a length: no list is within another.
        columns = set(map(len, values)) if lists else set()
        if lists and (len(values) != lists or len(columns) > 1 or array.size != lists * columns.pop()):
            return None
    except (RuntimeError, TypeError, ValueError):  # other values than numbers, or no JSON
        return None
    del values  # which hold the parser
    if len(text) <= MAX_KEPT_BYTES:
        SPARE_PARSERS.append(parser)
    if not (array.size and np.vdot(array, array) < MAX_SQUARES):
        return None
    return array.reshape(lists, -1) if lists else array
