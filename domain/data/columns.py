"""Columns of a table: their names, their kinds, and the meaning of their numbers in a block of rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from domain.data.text_formats import TextFormat

Kind = Literal["number", "boolean", "category", "datetime"]
"""Meaning of a column's numbers.

A number stands for itself. A boolean is 0 or 1. A category is the position of its text among the column's levels; a
text that is not among them is the number of levels. A datetime is the seconds since 1970 in UTC. NaN is an empty cell.
"""

MISSING_MARKERS = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", ".", "#N/A", "-")
"""Texts that stand for an empty cell in a file of text, besides no text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a model may learn from.

    Parameters
    ----------
    name : str
    kind : {'number', 'boolean', 'category', 'datetime'}
    levels : tuple of str
        Texts of a category, sorted, in Unicode's form NFC; empty for other kinds.
    nullable : bool
        Whether cells may be empty, which is NaN in a block.
    format : TextFormat or None
        The spelling of texts that stand for the numbers; None if there are none. Columns that differ in it are equal.
    """

    name: str
    kind: Kind = "number"
    levels: tuple[str, ...] = ()
    nullable: bool = False
    format: TextFormat | None = field(default=None, compare=False)


def to_columns(columns: Iterable[Column | str]) -> tuple[Column, ...]:
    """Return the columns; a name alone stands for a column of numbers without gaps."""
    return tuple(Column(column) if isinstance(column, str) else column for column in columns)


def are_plain_numbers(columns: Iterable[Column]) -> bool:
    """Return whether all columns are numbers without gaps."""
    return all(column.kind == "number" and not column.nullable for column in columns)
