"""Verdict: how the cells of a surveyed column are read, or why they cannot be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from adapters.pyarrow.arrays import from_texts
from adapters.pyarrow.cells import Reading
from adapters.pyarrow.column_survey import MAX_LEVELS, ColumnSurvey, Location, Place
from adapters.pyarrow.stray_texts import StrayTexts, stray_texts
from adapters.pyarrow.text_formats import numbers_of
from domain.data.columns import Column, Kind
from domain.data.errors import InvalidCell
from domain.data.quoting import quoted, quoted_name
from domain.data.text_formats import DAY_FIRST, FORMATS, ISO, MONTH_FIRST, PLAIN, TextFormat
from domain.data.validation import MIN_MAGNITUDE

MAX_LEVEL_CHARACTERS = 200
"""Characters of a text of a category, at most."""
# Different texts beyond which a column of mostly numbers or dates is probably no category.
MIN_VALUES = 20
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
    strays = None if survey.formats or kind == "category" else stray_texts(survey)
    if kind is None and strays and strays.likely_mistakes and MIN_VALUES < len(survey.levels) <= MAX_LEVELS:
        return _with_stray_texts_empty(name, survey, strays, locate)
    if kind in _NOUNS and (unfit := strays.first if strays else survey.unfit):
        where = f"{quoted(unfit.text)} in {locate(unfit)}"
        return Verdict(problem=f"holds {where}, which is not {_NOUNS[kind]}{_like(strays)}")
    return _category(name, kind, survey, strays, locate)


def _with_stray_texts_empty(
    name: str, survey: ColumnSurvey, strays: StrayTexts, locate: Callable[[Place], Location]
) -> Verdict:
    """Return the reading of a column in which stray texts mark an empty cell, unless the others are a category."""
    found = verdict(name, None, strays.rest, locate)
    if found.reading and found.reading.column.kind == "category":
        return replace(_category(name, None, survey, None, locate), note=found.note)
    noun, like, count = _NOUNS[strays.form.kind].removeprefix("a "), _like(strays), strays.cells
    cells = f"1 cell is no {noun}{like} and counts" if count == 1 else f"{count} cells are no {noun}s{like} and count"
    label, where = f"column {quoted(name)}: ", f"{quoted(strays.first.text)} in {locate(strays.first)}"
    notes = (f"{cells} as empty, such as {where}", found.note.removeprefix(label))
    return replace(found, note=label + "; ".join(filter(None, notes)))


def _like(strays: StrayTexts | None) -> str:
    """Return an example of the format that most cells have, unless it is that of plain numbers."""
    return f" like {quoted(_longest(strays.rest))}" if strays and strays.form is not PLAIN else ""


def _longest(survey: ColumnSurvey) -> str:
    return max(survey.levels, key=lambda level: (len(level), level))


def _formatted(name: str, form: TextFormat, survey: ColumnSurvey) -> Verdict:
    if form.kind == "number" and survey.collapses:
        return Verdict(problem=ROUNDED)
    if form.kind == "number" and 0 < survey.largest < MIN_MAGNITUDE:
        return Verdict(problem=f"has no magnitude above {survey.largest:g}, which is too small to square")
    kept = form if form in FORMATS else None
    reading = Reading(Column(name, form.kind, (), survey.gaps > 0, kept), form, True, survey.markers)
    if kept in (None, ISO) or form.kind == "boolean":
        return Verdict(reading)
    text = _longest(survey)
    value = float(numbers_of(from_texts([text]), form)[0])
    meaning = f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d}" if form.kind == "datetime" else f"{value:.15g}"
    return Verdict(reading, note=f"column {quoted(name)}: {quoted(text)} is read as {meaning}")


def _category(
    name: str,
    kind: Kind | None,
    survey: ColumnSurvey,
    strays: StrayTexts | None,
    locate: Callable[[Place], Location],
) -> Verdict:
    if survey.longest > MAX_LEVEL_CHARACTERS:
        return Verdict(problem=f"has a text of {survey.longest} characters; a category has at most 200")
    cause = ""
    if strays and (strays.likely_mistakes or len(survey.levels) > MIN_VALUES):
        cause = _cause(survey, strays, locate)
    if len(survey.levels) > MAX_LEVELS:
        return Verdict(problem=f"has more than {MAX_LEVELS:,} different texts{cause and ', and '}{cause}")
    levels = tuple(sorted(survey.levels))
    reading = Reading(Column(name, "category", levels, survey.gaps > 0), None, True, survey.markers)
    if kind is None and survey.leading_zero:
        cause = f"{quoted(survey.leading_zero)} has a leading zero"
    elif kind is None and survey.formats:
        cause = f"the day or the month may be first in {quoted(levels[0])}"
    return Verdict(reading, note=f"column {quoted(name)} is a category, because {cause}" if cause else "")


def _cause(survey: ColumnSurvey, strays: StrayTexts, locate: Callable[[Place], Location]) -> str:
    """Return why a column is a category although most of its cells agree on a format."""
    text = strays.first.text
    others = f", as {strays.cells} cells in all" if strays.cells > 1 else ""
    is_only_one = len(survey.levels) == len(strays.rest.levels) + 1
    remedy = f"; with --na {quoted_name(text)}, it counts as empty" if is_only_one else ""
    return f"{quoted(text)} in {locate(strays.first)} is not {_NOUNS[strays.form.kind]}{_like(strays)}{others}{remedy}"
