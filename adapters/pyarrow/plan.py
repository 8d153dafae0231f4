"""Plan: how the columns of a table are read, and why some are left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adapters.pyarrow.arrays import from_texts
from adapters.pyarrow.cells import Reading
from adapters.pyarrow.column_survey import ColumnSurvey, Location, Place
from adapters.pyarrow.fields import PATH_KEY
from adapters.pyarrow.request import Request, TableFile
from adapters.pyarrow.verdict import Verdict, verdict
from domain.data.columns import Column
from domain.data.errors import UnusableColumns
from domain.data.quoting import quoted
from domain.data.table import LeftOut
from domain.data.text_formats import BOOLEAN, text_formats
from domain.errors import MAX_SHOWN_NAMES


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


def partition_surveys(files: Sequence[TableFile], request: Request, markers: Sequence[str]) -> dict[str, ColumnSurvey]:
    """Return the surveys of the columns that are in the paths of all files."""
    surveys: dict[str, ColumnSurvey] = {}
    fields = [{field.name: field for field in file.fields} for file in files]
    for name in request.names:
        if all(one[name].in_path for one in fields):
            surveys[name] = new_survey(request, name, markers)
            for number, file in enumerate(files):
                value = file.partition[fields[number][name].key.removeprefix(PATH_KEY)]
                surveys[name].add(from_texts([value]), number, np.zeros(1, np.intp))
    return surveys


def new_survey(request: Request, name: str, markers: Sequence[str], *, decimal_comma: bool = False) -> ColumnSurvey:
    """Return the survey of a column, which has seen no cell."""
    formats = text_formats(request.kind_of(name), decimal_comma=decimal_comma)
    return ColumnSurvey((BOOLEAN, *formats) if name == request.target else formats, from_texts(markers))


def surveyed(request: Request, name: str, survey: ColumnSurvey, locate: Callable[[Place], Location]) -> Verdict:
    """Return how a surveyed column is read; see `verdict`."""
    return verdict(name, request.kind_of(name), survey, locate, may_be_empty=request.may_be_empty(name))


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
        others = {*request.names} - {*named, request.target} if request.named else ()
        raise UnusableColumns(named, [name for name in request.names if name in others], request.target)
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
