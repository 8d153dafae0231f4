"""Request: the columns of a table that a caller asks for, and those that are left out by their names."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.pyarrow.fields import Field
from domain.data.column_names import clean_text, require_known_names, require_unique_names
from domain.data.columns import Kind
from domain.data.errors import UnreadableData, UnusableColumns
from domain.data.quoting import quoted
from domain.data.text_formats import PLAIN
from domain.errors import MAX_SHOWN_NAMES

INDEX = "is the index of a data frame"


class TableFile(Protocol):
    """A file of a table."""

    @property
    def place(self) -> str:
        """The name of the file in errors."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its columns."""

    @property
    def partition(self) -> Mapping[str, str | None]:
        """Values of the columns in its path, by name."""


@dataclass(frozen=True, slots=True)
class Request:
    """The columns that a caller asks for.

    Parameters
    ----------
    target : str
    features : tuple of str
    named : bool
        Whether the caller named the features, so that a feature that cannot be used is an error.
    kinds : mapping of str to Kind
        The kinds that the caller chose, by name.
    left_out : mapping of str to str
        Why columns that the caller did not name are not read, by name.
    renamed : tuple of str
        Columns whose names were changed.
    """

    target: str
    features: tuple[str, ...]
    named: bool
    kinds: Mapping[str, Kind]
    left_out: Mapping[str, str]
    renamed: tuple[str, ...]

    def kind_of(self, name: str) -> Kind | None:
        """Return the kind that the caller chose for a column, None if its cells decide; the target is a number."""
        return "number" if name == self.target else self.kinds.get(name)

    def may_be_empty(self, name: str) -> bool:
        """Return whether a column without values is read, because the caller chose its kind."""
        return name in self.kinds and name != self.target

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features and, last, of the target."""
        return (*self.features, self.target)


def request_of(
    files: Sequence[TableFile],
    target: str,
    features: Sequence[str] | None,
    exclude: Collection[str],
    kinds: Mapping[str, Kind] | None,
) -> Request:
    """Return the columns to read of these files.

    Raises
    ------
    InvalidData
        If a name is unknown or is there twice, or if the target or a named feature cannot be used.
    """
    known = [field.name for field in files[0].fields]
    target, kinds = clean_text(target), {clean_text(name): kind for name, kind in (kinds or {}).items()}
    excluded = frozenset(map(clean_text, exclude))
    named = [clean_text(name) for name in features or ()]
    asked = [name for name in known if name != target] if features is None else named
    wanted = (*asked, target, *excluded, *kinds)
    if not set(wanted) <= set(known) and all(re.match(PLAIN.pattern, name) for name in known):
        first = ", ".join(map(quoted, known[:MAX_SHOWN_NAMES]))
        raise UnreadableData(files[0].place, f"its first line must name the columns, but holds numbers: {first}")
    require_known_names(wanted, known)
    if features is not None:
        require_unique_names((*asked, target))
    names = [name for name in dict.fromkeys(asked) if name not in excluded]
    problems = _problems(files, (*names, target))
    if bad := {name: why for name, why in problems.items() if name == target or features is not None}:
        raise UnusableColumns(bad, [name for name in names if features is not None and name not in bad], target)
    if features is None:
        index = {field.name: INDEX for field in files[0].fields if field.is_index}
        problems = {name: index[name] for name in names if name in index} | problems
    kept = tuple(name for name in names if name not in problems)
    renamed = tuple(field.name for field in files[0].fields if field.renamed and field.name in {*kept, target})
    return Request(target, kept, features is not None, kinds, problems, renamed)


def _problems(files: Sequence[TableFile], names: Sequence[str]) -> dict[str, str]:
    """Return why columns cannot be used, by name: a problem in one of the files, or a file without the column."""
    found: dict[str, str] = {}
    for file in files:
        fields = {field.name: field for field in file.fields}
        for name in names:
            if name not in fields:
                found.setdefault(name, f"is missing in {file.place}, but other files of the table have it")
            elif fields[name].problem:
                found.setdefault(name, fields[name].problem)
    return found
