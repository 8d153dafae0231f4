"""Operations of MLflow's scoring protocol: POST /invocations, GET /ping and GET /version."""

from domain.errors import format_names
from entrypoints.web.openapi import columns
from entrypoints.web.openapi.headers import PREDICTED, ROUTING
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response, with_examples
from entrypoints.web.openapi.predictions import NUMBER, bounds, interval_level
from entrypoints.web.openapi.problems import BODY_PROBLEMS, NO_CHALLENGER, NO_PREDICTION, PROPERTIES, ROW_PROBLEMS
from entrypoints.web.openapi.schemas import TEXT, Json, closed, list_of, object_of
from entrypoints.web.protocols.mlflow_scoring.error_format import ERROR_CODES, MLFLOW_ERRORS, OTHER_ERROR_CODE
from entrypoints.web.protocols.mlflow_scoring.schemas import CSV_TYPE, FORMS
from entrypoints.web.wire.error_codes import CODES

CSV: Json = {"type": "string", "description": "A line of names, then one for each row."}
ERROR: dict[str, Json] = {
    "error_code": {"type": "string", "enum": sorted({*ERROR_CODES.values(), OTHER_ERROR_CODE})},
    "message": PROPERTIES["detail"],
    **{name: PROPERTIES[name] for name in ("code", "request_id", "errors")},
}
# Columns that the model does not take are not read, so that no field is unknown.
PROBLEMS = {
    **BODY_PROBLEMS,
    400: [*BODY_PROBLEMS[400], "bad_csv", "duplicate_key"],
    **NO_CHALLENGER,
    411: CODES[411],
    422: [code for code in ROW_PROBLEMS if code != "unknown_field"],
    **NO_PREDICTION,
}


def operations(subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    row, _ = subject.rows
    named = dict(zip(subject.features, row, strict=True))
    examples = {
        "dataframe_split": {"columns": list(subject.features), "data": [row]},
        "dataframe_records": [named],
        "instances": [row],
        "inputs": {name: [value] for name, value in named.items()},
    }
    body = with_examples("Invocation", subject, {name: {name: value} for name, value in examples.items()})
    can, version = (response(description, content(TEXT, "text/plain")) for description in ("It can", "The version"))
    return [
        Operation(
            name="invocations",
            method="post",
            path="/invocations",
            summary=f"Predict up to {subject.limits.rows:,} rows, for MLflow's clients",
            details=f"Columns may come in any order and number; the model takes {format_names(subject.features)}.",
            body=body | content(CSV, CSV_TYPE),
            parameters=ROUTING,
            responses={200: response("The predictions, in the order of the rows", content("Scored"), PREDICTED)},
            problems=PROBLEMS,
            error_format=MLFLOW_ERRORS,
        ),
        Operation(
            "ping",
            "/ping",
            "Whether the server can predict",
            {200: can},
            problems={503: ("no_model",)},
            error_format=MLFLOW_ERRORS,
        ),
        Operation(
            "version",
            "/version",
            "The version of MLflow whose protocol this is",
            {200: version},
            error_format=MLFLOW_ERRORS,
        ),
    ]


def schemas(subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operations refer to."""
    params: Json = {
        "type": ["object", "null"],
        "properties": interval_level(subject),
        "description": "Other parameters are not read.",
    }
    return {
        "Invocation": {"anyOf": [_form(name, rows, params) for name, rows in _rows(subject).items()]},
        "Scored": _scored(subject.limits.rows),
        "MlflowError": closed(ERROR, *ERROR),
    }


def _rows(subject: DocumentSubject) -> dict[str, Json]:
    most = subject.limits.rows
    cells, lists = columns.cells(subject), list_of(columns.in_order(subject), maxItems=most)
    ordered: Json = {"anyOf": [lists, list_of(cells[0], maxItems=most)]} if len(cells) == 1 else lists
    records = list_of(columns.by_name(subject, cells), maxItems=most)
    same_or_each: list[Json] = [{"anyOf": [cell, list_of(cell, maxItems=most)]} for cell in cells]
    by_column = {**columns.by_name(subject, same_or_each), "description": "Columns of equal length."}
    split = closed(
        {
            "columns": {"type": ["array", "null"], "items": TEXT, "description": "Each feature is among them, once."},
            "index": {"type": ["array", "null"], "description": "As many labels as there are rows."},
            "data": {"type": "array", "maxItems": subject.limits.rows, "description": "A cell for each column."},
        },
        "data",
    )
    either = {"anyOf": [ordered, records, by_column]}
    return {"dataframe_split": split, "dataframe_records": records, "instances": either, "inputs": either}


def _form(name: str, rows: Json, params: Json) -> Json:
    """Return the schema of a body with `rows` under `name`; other members are not read, except the other forms."""
    others = [{"required": [other]} for other in FORMS if other != name]
    form = object_of({name: rows})
    form["properties"]["params"] = params
    return {**form, "title": name, "not": {"anyOf": others}}


def _scored(rows: int) -> Json:
    scored = object_of({"predictions": list_of(NUMBER, maxItems=rows)})
    scored["properties"]["interval"] = bounds(rows)
    return scored
