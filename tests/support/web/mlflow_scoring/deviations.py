"""Deviations: requests that Endeavour answers otherwise than MLflow, with the reason; a test requires exactly these."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.support.web.mlflow_scoring.answers import FLAWS, Summary
from tests.support.web.mlflow_scoring.replayed import CASES


class Deviation(NamedTuple):
    """Requests that Endeavour answers with the status `ours`, and the reason."""

    why: str
    ours: int
    cases: tuple[str, ...]


def in_every_form(*values: str) -> tuple[str, ...]:
    return tuple(name for value in values for name in CASES if name.startswith(f"value: {value}: "))


def of(group: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{group}: {name}" for name in names)


DEVIATIONS = (
    Deviation(
        "A value beyond 1e300 is refused: the prediction would be `Infinity`, which is not JSON.",
        400,
        in_every_form("a number of 1e308"),
    ),
    Deviation(
        "Records that lack one feature each are refused; MLflow makes one row of two, and one prediction.",
        400,
        of("instances", "records that lack one feature each"),
    ),
    Deviation(
        "Lines of CSV must have as many cells as the line of names; MLflow reads the surplus as an index, and predicts "
        "from values of the wrong columns.",
        400,
        of("CSV", "rows that are all too long"),
    ),
    Deviation(
        "A repeated column is refused, because one of the two would be ignored.", 400, of("CSV", "a column twice")
    ),
    Deviation(
        "Text and truth values are not numbers, and a client sends them by mistake.",
        400,
        in_every_form("true", "a number as text") + of("inputs", "columns that are text") + of("CSV", "true"),
    ),
    Deviation(
        "Invalid JSON is refused, also beside the features: `NaN` is invalid, and JSON is UTF-8 without a byte order "
        "mark (RFC 8259).",
        400,
        of("split", "a column of null and NaN more") + of("body", "a byte order mark"),
    ),
    Deviation(
        "A table in `dataframe_split` has names in a list and rows in lists, as pandas writes it: an object has no "
        "order, and `null` is not a table.",
        400,
        of("split", "columns are an object", "rows are objects", "data are null"),
    ),
    Deviation(
        "An invalid request is an error of the client; a 500 would alert operators.",
        400,
        in_every_form("an int of 5000 digits")
        + of("body", "nested a thousand times")
        + of("type", "none, and no body"),
    ),
    Deviation(
        "A body without a media type is read as JSON, as on Endeavour's own routes.", 200, of("type", "none", "empty")
    ),
    Deviation(
        "Media types and charsets mean the same in any case and in quotes (RFC 9110).",
        200,
        of("type", "JSON, charset in quotes", "JSON, semicolon", "JSON in capitals", "CSV in capitals"),
    ),
    Deviation(
        "Rows without names are read by position in every form, in the order of `GET /model`; MLflow reads them so in "
        "`inputs` and `instances` only.",
        200,
        of("split", "no columns", "no columns, one feature", "columns are null"),
    ),
    Deviation(
        "A table without rows has no predictions, in every form; MLflow refuses some forms.",
        200,
        of("split", "data are an empty list, and no columns")
        + of("records", "an empty list")
        + of("instances", "an empty list")
        + of("inputs", "an empty list"),
    ),
    Deviation(
        "Members that the model does not take are ignored in every form, also if only one record has them.",
        200,
        of("instances", "records with a feature more in one") + of("body", "a key for language models beside"),
    ),
    Deviation(
        "A compressed body is refused by name; MLflow ignores `Content-Encoding`.", 415, of("type", "JSON in gzip")
    ),
    Deviation(
        "Parquet is refused by name: reading it takes pyarrow, which no worker imports.",
        415,
        of("type", "Parquet, but it is not"),
    ),
    Deviation("Routes of `GET` answer `HEAD` too (RFC 9110).", 200, of("route", "HEAD ping")),
    Deviation("Another path is not redirected.", 404, of("route", "invocations and a slash")),
)
STATUSES = {name: deviation.ours for deviation in DEVIATIONS for name in deviation.cases}


def table_of_deviations(recorded: Mapping[str, Summary]) -> str:
    """Return the table of the documentation."""
    lines = ["| requests | MLflow | Endeavour | why |", "|---|---|---|---|"]
    for deviation in DEVIATIONS:
        theirs = ", ".join(sorted({_in_words(recorded[name]) for name in deviation.cases}))
        lines.append(f"| {_listed(deviation.cases)} | {theirs} | {deviation.ours} | {deviation.why} |")
    return "\n".join(lines)


def table_of_flaws(recorded: Mapping[str, Summary]) -> str:
    """Return the table of the flaws of MLflow's bodies."""
    flawed = [answer["flaws"] for answer in recorded.values() if "flaws" in answer]
    lines = [f"| in the body | MLflow, of {len(flawed)} answers | Endeavour |", "|---|---|---|"]
    lines += [f"| {what} | {sum(flaw in flaws for flaws in flawed)} | 0 |" for flaw, what in FLAWS.items()]
    return "\n".join(lines)


def _in_words(answer: Summary) -> str:
    numbers = answer.get("predictions", ())
    return f"{answer['status']}" + (" with `NaN` or `Infinity`" if any(isinstance(n, str) for n in numbers) else "")


def _listed(cases: tuple[str, ...]) -> str:
    """Return the names, those of one request in every form as one."""
    names = dict.fromkeys(case.rpartition(": ")[0] if case.startswith("value: ") else case for case in cases)
    return "; ".join(name.removeprefix("value: ") for name in names)
