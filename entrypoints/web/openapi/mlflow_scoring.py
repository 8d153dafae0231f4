"""POST /invocations, GET /ping and GET /version, described."""

from domain.errors import format_names
from entrypoints.example_requests import EXAMPLE
from entrypoints.web.openapi.headers import MODEL
from entrypoints.web.openapi.operations import Operation, ServedModelEndpoint, content, reply, with_examples
from entrypoints.web.openapi.problems import OF_A_BODY, PROPERTIES
from entrypoints.web.openapi.schemas import TEXT, Json, by_name, closed, list_of, object_of, reference
from entrypoints.web.protocols.mlflow_scoring.schemas import CSV_TYPE, FORMS
from entrypoints.web.wire.error_codes import CODES
from entrypoints.web.wire.error_formats import MLFLOW, MLFLOW_ERROR_CODES, OTHER_MLFLOW_ERROR_CODE

CSV: Json = {"type": "string", "description": "A line of names, then one for each row."}
ERROR: dict[str, Json] = {
    "error_code": {"type": "string", "enum": sorted({*MLFLOW_ERROR_CODES.values(), OTHER_MLFLOW_ERROR_CODE})},
    "message": PROPERTIES["detail"],
    **{name: PROPERTIES[name] for name in ("code", "request_id", "errors")},
}
# Columns beyond those that the model takes are not looked at, so none is unknown.
PROBLEMS = {
    **OF_A_BODY,
    400: CODES[400],
    411: CODES[411],
    422: [code for code in CODES[422] if code != "unknown_field"],
    503: CODES[503],
}


def operations(served: ServedModelEndpoint) -> list[Operation]:
    """Return the operations."""
    row = [EXAMPLE[0]] * len(served.features)
    named = dict(zip(served.features, row, strict=True))
    examples = {
        "dataframe_split": {"columns": list(served.features), "data": [row]},
        "dataframe_records": [named],
        "instances": [row],
        "inputs": {name: [value] for name, value in named.items()},
    }
    body = with_examples("Invocation", served, {name: {name: value} for name, value in examples.items()})
    can, version = (reply(meaning, content(TEXT, "text/plain")) for meaning in ("It can", "The version"))
    return [
        Operation(
            name="invocations",
            method="post",
            path="/invocations",
            summary=f"Predict up to {served.rows:,} rows, asked for as MLflow's clients ask",
            details=f"Columns may come in any order and number; the model takes {format_names(served.features)}.",
            body=body | content(CSV, CSV_TYPE),
            replies={200: reply("The predictions, in the order of the rows", content("Scored"), MODEL)},
            problems=PROBLEMS,
            wording=MLFLOW,
        ),
        Operation("ping", "/ping", "Whether it can predict", {200: can}, problems={503: ("no_model",)}, wording=MLFLOW),
        Operation(
            "version", "/version", "The version of MLflow whose protocol this is", {200: version}, wording=MLFLOW
        ),
    ]


def schemas(served: ServedModelEndpoint) -> dict[str, Json]:
    """Return the schemas that the operations name."""
    return {
        "Invocation": {"anyOf": [_form(name, rows) for name, rows in _rows(served).items()]},
        "Scored": object_of({"predictions": list_of({"type": "number"}, maxItems=served.rows)}),
        "MlflowError": closed(ERROR, *ERROR),
    }


def _rows(served: ServedModelEndpoint) -> dict[str, Json]:
    number, count = reference("Number"), len(served.features)
    lists = list_of(list_of(number, minItems=count, maxItems=count), maxItems=served.rows)
    ordered: Json = {"anyOf": [lists, list_of(number, maxItems=served.rows)]} if count == 1 else lists
    records = list_of(by_name(served.features, number), maxItems=served.rows)
    column: Json = {"anyOf": [number, list_of(number, maxItems=served.rows)]}
    columns = {**by_name(served.features, column), "description": "Columns of equal length."}
    split = closed(
        {
            "columns": {"type": ["array", "null"], "items": TEXT, "description": "Each feature is among them, once."},
            "index": {"type": ["array", "null"], "description": "As many labels as there are rows."},
            "data": {"type": "array", "maxItems": served.rows, "description": "A number for each column."},
        },
        "data",
    )
    either = {"anyOf": [ordered, records, columns]}
    return {"dataframe_split": split, "dataframe_records": records, "instances": either, "inputs": either}


def _form(name: str, rows: Json) -> Json:
    """Return the schema of a body with `rows` under `name`; other members are not read, except the other forms."""
    others = [{"required": [other]} for other in FORMS if other != name]
    return {**object_of({name: rows}), "title": name, "not": {"anyOf": others}}
