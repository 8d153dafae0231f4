"""Number parser: simdjson writes the numbers of a list in JSON into an array, without a Python object for each."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

import numpy as np

from domain.data.arrays import FloatArray

# The square of 2 ** 53: floats below are whole numbers exactly, so that nothing depends on how a number is written.
MAX_SQUARES = 2.0**106
OPEN_BRACKET = ord("[")


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


def parse_numbers(raw: bytes, begins: int, ends: int, max_lists: int) -> FloatArray | None:
    """Return the numbers of a list in JSON, or of equally long lists in it.

    Parameters
    ----------
    raw : bytes
        With the list from `begins` to before `ends`.
    begins, ends : int
    max_lists : int
        Lists in the list, at most.

    Returns
    -------
    ndarray of shape (n,) or (n_lists, n_columns), or None
        None for other values than numbers, numbers of 2 ** 53 or more in magnitude, no number, lists of different
        lengths or too many of them, one that is longer than two pieces, and what is no JSON.
    """
    has_lists = raw.find(b"[", begins + 1, ends) >= 0
    text: Iterable[bytes | memoryview] = (memoryview(raw)[begins:ends],)
    is_long = ends - begins > PIECE_BYTES
    pieces = _pieces(raw, begins + 1, ends - 1, b"]," if has_lists else b",") if is_long else text
    return _to_array(pieces, max_lists if has_lists else None)


def _to_array(pieces: Iterable[bytes | memoryview], max_lists: int | None) -> FloatArray | None:
    """Return the numbers of all pieces, or None; `max_lists` is None if they have no lists."""
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
