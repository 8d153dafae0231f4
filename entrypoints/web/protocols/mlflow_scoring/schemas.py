"""Schemas of an invocation's body: CSV, and the forms of JSON."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.model.prediction_input import PredictionInput
from entrypoints.web.protocols.mlflow_scoring.csv_table import CsvTable, decode_utf8
from entrypoints.web.protocols.mlflow_scoring.tables import (
    JsonTable,
    ListedNumbers,
    ListedRows,
    NamedColumns,
    NamedRows,
)
from entrypoints.web.wire.body import JSON_TYPE, content_type, read_body, reject_encodings, require_content_length
from entrypoints.web.wire.intervals import level_in
from entrypoints.web.wire.json_body import parse_json, too_many_rows
from entrypoints.web.wire.number_list import NumberList, NumberPlaces
from entrypoints.web.wire.problems import ErrorLocation, ProblemError
from entrypoints.web.wire.request_limits import RequestLimits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CSV_TYPE = "text/csv"
MEDIA_TYPES = (JSON_TYPE, CSV_TYPE)
PARAMETERS = frozenset(("", "charset=utf-8", 'charset="utf-8"'))
SPLIT_KEYS = frozenset(("columns", "data", "index"))
ROWS = NumberPlaces(("dataframe_split", "data"), ("instances",), ("inputs",))


class Invocation(NamedTuple):
    """A table to predict, and the level of its prediction intervals; None without intervals."""

    table: PredictionInput
    level: float | None = None


def read_invocation(environ: "WSGIEnvironment", limits: RequestLimits) -> Invocation:
    """Return the table in the body, CSV or JSON, and the level among its `params`, or raise `ProblemError`."""
    kind = _media_type(environ)
    reject_encodings(environ)
    if kind != JSON_TYPE:
        require_content_length(environ)
    raw = read_body(environ, limits.body_bytes)
    if not raw or raw.isspace():
        raise ProblemError(400, "empty_body", "the body is empty")
    if kind != JSON_TYPE:
        return Invocation(CsvTable(decode_utf8(raw), limits.rows))
    value = parse_json(raw, limits.rows, places=ROWS)
    table, params = json_table(value, limits.rows), value.get("params")
    if params is not None and type(params) is not dict:
        raise _wrong("params", "must be an object")
    return Invocation(table, level_in(params, "params"))


def _media_type(environ: "WSGIEnvironment") -> str:
    """Return the media type of the body, JSON by default, or raise `ProblemError`; case does not count (RFC 9110)."""
    kind, *parameters = (part.strip() for part in content_type(environ).lower().split(";"))
    if kind not in MEDIA_TYPES:
        raise ProblemError(415, "unsupported_media_type", f"send {JSON_TYPE} or {CSV_TYPE}")
    if not PARAMETERS.issuperset(parameters):
        raise ProblemError(415, "unsupported_media_type", "the only parameter of a Content-Type is charset=utf-8")
    return kind


def json_table(value: Any, max_rows: int) -> JsonTable:
    """Return the table in one of the forms of JSON, or raise `ProblemError`; MLflow too ignores other members."""
    if type(value) is not dict:
        raise ProblemError(400, "not_object", f"the body must be an object with one of {NAMES}")
    found = [name for name in FORMS if name in value]
    if not found:
        raise ProblemError(400, "missing_field", f"the body must have one of {NAMES}")
    if len(found) > 1:
        raise ProblemError(400, "unknown_field", f"the body has {' and '.join(found)}; send one of them")
    table = FORMS[found[0]](value[found[0]], found[0])
    if len(table) > max_rows:
        raise too_many_rows(max_rows)
    return table


def _split(value: Any, name: str) -> JsonTable:
    if type(value) is not dict:
        raise _wrong(name, "must be an object with data and, if the columns have names, columns")
    if "data" not in value:
        raise ProblemError(
            400, "missing_field", f"{name}.data is missing", [ErrorLocation(f"{name}.data", "is missing")]
        )
    if value.keys() - SPLIT_KEYS:
        raise ProblemError(400, "unknown_field", f"{name} may have data, columns and index, and no other key")
    rows, columns, index = value["data"], value.get("columns"), value.get("index")
    if type(rows) not in (list, NumberList):
        raise _wrong(f"{name}.data", "must be a list of rows")
    if columns is not None and type(columns) is not list:
        raise _wrong(f"{name}.columns", "must be a list of names")
    if index is not None and (type(index) is not list or len(index) != len(rows)):
        raise ProblemError(400, "wrong_shape", f"{name}.index must be a list of as many labels as there are rows")
    return ListedNumbers(rows.array, columns) if type(rows) is NumberList else ListedRows(rows, columns)


def _records(value: Any, name: str) -> JsonTable:
    if type(value) is not list or not set(map(type, value)) <= {dict}:
        raise _wrong(name, "must be a list of objects, each with a value for every feature")
    return NamedRows(value)


def _rows_or_columns(value: Any, name: str) -> JsonTable:
    if type(value) is dict:
        return NamedColumns(value)
    if type(value) is NumberList:
        return ListedNumbers(value.array)
    if type(value) is not list:
        raise _wrong(name, "must be a list of rows, or an object of columns")
    return NamedRows(value) if set(map(type, value)) == {dict} else ListedRows(value)


def _wrong(place: str, detail: str) -> ProblemError:
    return ProblemError(400, "wrong_type", f"{place} {detail}", [ErrorLocation(place, detail)])


FORMS: Mapping[str, Callable[[Any, str], JsonTable]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _rows_or_columns,
    "inputs": _rows_or_columns,
}
NAMES = ", ".join(FORMS)
