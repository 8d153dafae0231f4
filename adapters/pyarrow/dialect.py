"""Dialect: the delimiter of a CSV file, its header, and where its rows begin, from its first lines."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice

from domain.data.errors import UnreadableData
from domain.data.quoting import quoted

DELIMITERS = ",;\t|"
# Lines that the delimiter is recognized by.
MAX_COMPARED_LINES = 20
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a file are separated.

    Parameters
    ----------
    delimiter : str
    names : tuple of str
        The cells of the header.
    start : int
        Bytes in UTF-8 before the first row.
    lines : int
        Lines before the first row.
    """

    delimiter: str
    names: tuple[str, ...]
    start: int
    lines: int


def dialect_of(head: bytes, place: str) -> Dialect:
    """Return the dialect of a file that begins with these bytes in UTF-8.

    Raises
    ------
    UnreadableData
        If the first line that is not blank is not a header.
    """
    lines = io.StringIO(head.decode(errors="surrogateescape"), newline="")
    skipped, stated, first = [], "", ""
    for first in lines:
        text = first.lstrip(_MARK).strip()
        if text and not text.lower().startswith("sep="):
            break
        stated = text[len("sep=") :] or stated
        skipped.append(first)
    else:
        raise UnreadableData(place, "it is empty; its first line must name the columns")
    compared = [first.lstrip(_MARK), *islice(lines, MAX_COMPARED_LINES - 1)]
    delimiter = stated if stated and stated in DELIMITERS else _delimiter(compared)
    _require_header(_records(compared, delimiter), place, compared)
    reader = csv.reader(chain(compared, lines), delimiter=delimiter)
    try:
        names = next(reader)
    except csv.Error as error:
        raise UnreadableData(place, str(error)) from error
    lines.seek(0)
    before = "".join(islice(lines, len(skipped) + reader.line_num))
    readable = (name.encode(errors="surrogateescape").decode(errors="replace") for name in names)
    start = len(before.encode(errors="surrogateescape"))
    return Dialect(delimiter, tuple(readable), start, len(skipped) + reader.line_num)


def _records(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return [cells for cells in csv.reader(lines, delimiter=delimiter) if cells]
    except csv.Error:
        return []


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that gives most lines as many cells as the header has, and the header the most cells."""

    def agreement(delimiter: str) -> tuple[float, int]:
        widths = [len(cells) for cells in _records(lines, delimiter)]
        if not widths or widths[0] == 1:
            return 0, 1
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(DELIMITERS, key=agreement)


def _require_header(records: Sequence[Sequence[str]], place: str, lines: Sequence[str]) -> None:
    """Raise `UnreadableData` if the lines below the first one have more cells, or if blanks separate the cells."""
    widths = [len(cells) for cells in records[1:]]
    if len(widths) > 1 and min(widths) == max(widths) > len(records[0]):
        first = quoted(records[0][0])
        why = f"the first line, {first}, has fewer cells than the {widths[0]} of the others, so that it is not a header"
        raise UnreadableData(place, f"{why}; remove the lines above the header, or name every column")
    if {len(cells) for cells in records} == {1}:
        words = {len(line.split()) for line in lines if line.strip()}
        if len(records) > 1 and len(words) == 1 and words.pop() > 1:
            raise UnreadableData(place, "its cells are separated by blanks; separate them by commas")
