"""Verdict: how the cells of a surveyed column are read, or why they cannot be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from adapters.pyarrow.arrays import from_mask, from_texts
from adapters.pyarrow.cells import Reading
from adapters.pyarrow.column_survey import MAX_LEVELS, ColumnSurvey, Location, Place
from adapters.pyarrow.text_formats import numbers_of
from domain.data.columns import Column, Kind
from domain.data.errors import InvalidCell
from domain.data.quoting import quoted
from domain.data.text_formats import DAY_FIRST, FORMATS, ISO, MONTH_FIRST, PLAIN, TextFormat
from domain.data.validation import MIN_MAGNITUDE

MAX_LEVEL_CHARACTERS = 200
"""Characters of a text of a category, at most."""
# Different texts beyond which a column of mostly numbers is no category.
MIN_NUMBERS = 20
EMPTY = "has no values"
ROUNDED = "has whole numbers beyond 2**53, which would be rounded; read it as a category"
_NOUNS = {"number": "a number", "boolean": "true or false", "datetime": "a date"}
# Formats of dates that differ in the order of day and month.
_TWINS = {**dict(zip(DAY_FIRST, MONTH_FIRST, strict=True)), **dict(zip(MONTH_FIRST, DAY_FIRST, strict=True))}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reading of a column, or the `problem` with it, and a `note` on what a reader may not expect."""

    reading: Reading | None = None
    problem: str = ""
    note: str = ""


def verdict(
    name: str,
    kind: Kind | None,
    survey: ColumnSurvey,
    locate: Callable[[Place], Location],
    *,
    may_be_empty: bool = False,
) -> Verdict:
    """Return how a column of the given kind is read.

    Parameters
    ----------
    name : str
    kind : Kind, optional
        None if the cells decide.
    survey : ColumnSurvey
    locate : callable
        Return where a cell is in its file.
    may_be_empty : bool
        Whether a column without values is read, because the caller chose its kind.

    Raises
    ------
    InvalidCell
        If the column holds numbers, and one of them is infinite or too large to square.
    """
    if survey.undecodable:
        return Verdict(problem=f"is not UTF-8 in {locate(survey.undecodable)}; read the file with --encoding latin-1")
    if not survey.filled and not may_be_empty:
        return Verdict(problem=EMPTY)
    fitting = [form for form in survey.formats if kind == "datetime" or _TWINS.get(form) not in survey.formats]
    if fitting and not (kind is None and survey.leading_zero):
        if fitting[0].kind == "number" and survey.excess:
            at = locate(survey.excess)
            why = f"{quoted(survey.excess.text)} is infinite or too large to square"
            raise InvalidCell(at.row, name, why, at.place, at.unit)
        return _formatted(name, fitting[0], survey)
    if kind is None and _has_stray_texts(survey):
        return _with_stray_texts_empty(name, survey, locate)
    if kind in _NOUNS and survey.unfit:
        return Verdict(
            problem=f"holds {quoted(survey.unfit.text)} in {locate(survey.unfit)}, which is not {_NOUNS[kind]}"
        )
    return _category(name, kind, survey, locate)


def _has_stray_texts(survey: ColumnSurvey) -> bool:
    """Return whether a few texts stand among many different numbers, such as 'Total' in the last line."""
    return survey.mostly_numbers and survey.unfit is not None and MIN_NUMBERS < len(survey.levels) <= MAX_LEVELS


def _with_stray_texts_empty(name: str, survey: ColumnSurvey, locate: Callable[[Place], Location]) -> Verdict:
    """Return the reading of a column of numbers in which other texts mark an empty cell."""
    texts = from_texts(sorted(survey.levels))
    stray = texts.filter(from_mask(np.isnan(numbers_of(texts, PLAIN))))
    reading = Reading(Column(name, "number", (), nullable=True), PLAIN, True, pa.concat_arrays([survey.markers, stray]))
    cause = f"{quoted(survey.unfit.text)} in {locate(survey.unfit)}" if survey.unfit else ""
    count = survey.not_numbers
    cells = "1 cell is no number and counts" if count == 1 else f"{count} cells are no numbers and count"
    note = f"column {quoted(name)}: {cells} as empty, such as {cause}"
    return Verdict(reading, note=note)


def _formatted(name: str, form: TextFormat, survey: ColumnSurvey) -> Verdict:
    if form.kind == "number" and survey.collapses:
        return Verdict(problem=ROUNDED)
    if form.kind == "number" and 0 < survey.largest < MIN_MAGNITUDE:
        return Verdict(problem=f"has no magnitude above {survey.largest:g}, which is too small to square")
    kept = form if form in FORMATS else None
    reading = Reading(Column(name, form.kind, (), survey.gaps > 0, kept), form, True, survey.markers)
    if kept in (None, ISO) or form.kind == "boolean":
        return Verdict(reading)
    text = max(survey.levels, key=lambda level: (len(level), level))
    value = float(numbers_of(from_texts([text]), form)[0])
    meaning = f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d}" if form.kind == "datetime" else f"{value:.15g}"
    return Verdict(reading, note=f"column {quoted(name)}: {quoted(text)} is read as {meaning}")


def _category(name: str, kind: Kind | None, survey: ColumnSurvey, locate: Callable[[Place], Location]) -> Verdict:
    if survey.longest > MAX_LEVEL_CHARACTERS:
        return Verdict(problem=f"has a text of {survey.longest} characters; a category has at most 200")
    if len(survey.levels) > MAX_LEVELS:
        return Verdict(problem=f"has more than {MAX_LEVELS:,} different texts")
    levels = tuple(sorted(survey.levels))
    reading = Reading(Column(name, "category", levels, survey.gaps > 0), None, True, survey.markers)
    note = ""
    if kind is None and survey.leading_zero:
        note = f"column {quoted(name)} is a category, because {quoted(survey.leading_zero)} has a leading zero"
    elif kind is None and survey.formats:
        note = f"column {quoted(name)} is a category: the day or the month may be first in {quoted(levels[0])}"
    elif kind is None and survey.mostly_numbers and survey.unfit:
        cause = f"{quoted(survey.unfit.text)} in {locate(survey.unfit)}"
        note = f"column {quoted(name)} is a category, because {cause} is not a number"
    return Verdict(reading, note=note)
