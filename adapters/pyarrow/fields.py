"""Fields: the columns of a file under the names that a model uses, and the columns that are not read."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa

from domain.data.column_names import name_problem


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a file.

    Parameters
    ----------
    name : str
        Without blanks at both ends, in Unicode's form NFC.
    key : str
        The name that the reader of the file takes.
    type : pyarrow.DataType
    problem : str
        Why it cannot be used, '' if it can.
    is_index : bool
        Whether it is the index of a data frame, which is no feature unless it is named.
    """

    name: str
    key: str
    type: pa.DataType
    problem: str = ""
    is_index: bool = False
    renamed: bool = False
    """Whether the file has the name with blanks at an end, or in another form of Unicode."""


def clean_name(name: str) -> str:
    """Return a name without blanks at both ends, in Unicode's form NFC."""
    return unicodedata.normalize("NFC", name.strip())


def named_fields(
    names: Sequence[str], keys: Sequence[str], types: Sequence[pa.DataType], index: Collection[str] = ()
) -> tuple[Field, ...]:
    """Return the fields of a file; those that cannot be used have a problem."""
    cleaned = [clean_name(name) for name in names]
    count = Counter(cleaned)

    def problem(name: str) -> str:
        if "\N{REPLACEMENT CHARACTER}" in name:
            return "has a name that is not UTF-8; read the file with --encoding latin-1"
        repeats = "appears more than once; rename or remove one of them" if count[name] > 1 else ""
        return name_problem(name) or repeats

    return tuple(
        Field(name, key, kind, problem(name), raw in index, raw != name)
        for raw, name, key, kind in zip(names, cleaned, keys, types, strict=True)
    )
