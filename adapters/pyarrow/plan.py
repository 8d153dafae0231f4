"""Plan: the columns that are read of a table and how, and those that are left out."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pyarrow as pa

from adapters.pyarrow.cells import Reading
from adapters.pyarrow.column_survey import ColumnSurvey
from adapters.pyarrow.fields import PATH_KEY, Field, clean_name
from adapters.pyarrow.text_formats import BOOLEAN, PLAIN, text_formats
from adapters.pyarrow.verdict import Verdict
from domain.data.column_names import require_known_names, require_unique_names
from domain.data.columns import Column, Kind
from domain.data.errors import UnreadableData, UnusableColumns
from domain.data.quoting import quoted
from domain.data.table import LeftOut
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

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features and, last, of the target."""
        return (*self.features, self.target)


@dataclass(frozen=True, slots=True)
class Plan:
    """How columns are read.

    Parameters
    ----------
    readings : dict of str to Reading
        Of the features and, last, the target.
    target_has_gaps : bool
        Whether rows may have no target.
    left_out : tuple of LeftOut
    notes : tuple of str
    """

    readings: dict[str, Reading]
    target_has_gaps: bool
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The features and, last, the target."""
        return tuple(reading.column for reading in self.readings.values())


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
    target, kinds = clean_name(target), {clean_name(name): kind for name, kind in (kinds or {}).items()}
    excluded = frozenset(map(clean_name, exclude))
    named = [clean_name(name) for name in features or ()]
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
        raise UnusableColumns(bad)
    if features is None:
        index = {field.name: INDEX for field in files[0].fields if field.is_index}
        problems = {name: index[name] for name in names if name in index} | problems
    kept = tuple(name for name in names if name not in problems)
    renamed = tuple(field.name for field in files[0].fields if field.renamed and field.name in {*kept, target})
    return Request(target, kept, features is not None, kinds, problems, renamed)


def partition_surveys(files: Sequence[TableFile], request: Request, markers: Sequence[str]) -> dict[str, ColumnSurvey]:
    """Return the surveys of the columns that are in the paths of all files."""
    surveys: dict[str, ColumnSurvey] = {}
    fields = [{field.name: field for field in file.fields} for file in files]
    for name in request.names:
        if all(one[name].in_path for one in fields):
            surveys[name] = new_survey(request, name, markers)
            for number, file in enumerate(files):
                value = file.partition[fields[number][name].key.removeprefix(PATH_KEY)]
                surveys[name].add(pa.array([value], pa.string()), number, np.zeros(1, np.intp))
    return surveys


def new_survey(request: Request, name: str, markers: Sequence[str], *, decimal_comma: bool = False) -> ColumnSurvey:
    """Return the survey of a column, which has seen no cell."""
    formats = text_formats(request.kind_of(name), decimal_comma=decimal_comma)
    return ColumnSurvey((BOOLEAN, *formats) if name == request.target else formats, pa.array(markers))


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


def plan_of(request: Request, verdicts: Mapping[str, Verdict]) -> Plan:
    """Return how the columns are read.

    Raises
    ------
    UnusableColumns
        If the target or a feature that the caller named cannot be read.
    """
    problems = {name: verdicts[name].problem for name in request.names if verdicts[name].problem}
    named = {name: why for name, why in problems.items() if request.named or name == request.target}
    if named:
        raise UnusableColumns(named)
    readings = {name: found.reading for name in request.names if (found := verdicts[name]).reading}
    notes = [verdicts[name].note for name in readings if verdicts[name].note]
    if request.renamed:
        names = ", ".join(map(quoted, request.renamed[:MAX_SHOWN_NAMES]))
        notes.insert(0, f"names without the blanks at their ends, and in Unicode's form NFC: {names}")
    target = readings[request.target]
    if target.column.kind == "boolean":
        notes.append(f"the target {quoted(request.target)} is 1 for true and 0 for false")
    readings[request.target] = replace(target, column=Column(request.target))
    left_out = {**request.left_out, **problems}
    named_reasons = tuple(LeftOut(name, why) for name, why in left_out.items())
    return Plan(readings, target.column.nullable, named_reasons, tuple(notes))
