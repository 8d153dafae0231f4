"""Number lists: the numbers of a long list in JSON become an array, without a Python object for each.

simdjson parses the text of the list, and orjson the rest of the body. Any other list is left to orjson, as is each one
where there is no simdjson: only the time differs.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
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
# Long lists are parsed by pieces of about this length, so that a parser, which keeps its memory, needs little of it.
PIECE_BYTES = 256 * 1024
SPARE_PARSERS: list[Any] = []


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
        has_lists = raw.find(b"[", begins + 1, ends) >= 0
        is_long = len(text) > PIECE_BYTES
        pieces = _pieces(raw, begins + 1, ends - 1, b"]," if has_lists else b",") if is_long else (text,)
        array = _to_array(pieces, max_lists if has_lists else None)
        return None if array is None else Taken(NumberList(array, text), rest, self._paths[found[1]])


def _to_array(pieces: Iterable[bytes | memoryview], max_lists: int | None) -> FloatArray | None:
    """Return the numbers of all pieces, None if they are no number list; `max_lists` is None if they have no lists."""
    try:
        parser = SPARE_PARSERS.pop()
    except IndexError:  # each of the others has a request
        parser = PARSER()
    arrays: list[FloatArray] = []
    lists = 0
    try:
        for piece in pieces:
            if max_lists is not None:
                lists = _count_lists(piece)
                max_lists -= lists
                if max_lists < 0:
                    return None
            arrays.append(_parsed(parser, piece, lists))
        array = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    except (RuntimeError, TypeError, ValueError):  # other values than numbers, different lists, or no JSON
        return None
    SPARE_PARSERS.append(parser)
    return array


def _pieces(raw: bytes, begins: int, ends: int, end_of_element: bytes) -> Iterator[bytes]:
    """Yield lists of some elements each; raise `ValueError` if one is so long that its parser could not be kept.

    The text between the brackets is a list of numbers if each piece is: a comma inside of an element would leave the
    piece before it without a closing bracket.
    """
    view = memoryview(raw)
    while begins <= ends:
        found = raw.find(end_of_element, begins + PIECE_BYTES, ends)
        piece_ends = ends if found < 0 else found + len(end_of_element) - 1
        if piece_ends - begins > 2 * PIECE_BYTES:
            raise ValueError("an element is too long")
        yield b"".join((b"[", view[begins:piece_ends], b"]"))
        begins = piece_ends + 1


def _count_lists(piece: bytes | memoryview) -> int:
    return int(np.count_nonzero(np.frombuffer(piece, np.uint8) == OPEN_BRACKET)) - 1


def _parsed(parser: Any, piece: bytes | memoryview, lists: int) -> FloatArray:
    """Return the numbers of a list of numbers, or of so many lists of them; raise `ValueError` for any other."""
    values = parser.parse(piece)
    array: FloatArray = np.frombuffer(values.as_buffer(of_type="d"))
    # As many lists as elements, each of which has a length: no list is within another.
    columns = set(map(len, values)) if lists else set()
    if lists and (len(values) != lists or len(columns) > 1 or array.size != lists * columns.pop()):
        raise ValueError("the lists have different lengths")
    if not (array.size and np.vdot(array, array) < MAX_SQUARES):
        raise ValueError("there is no number, or a large one")
    return array.reshape(lists, -1) if lists else array
