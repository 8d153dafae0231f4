"""POST /invocations, GET /ping and GET /version, described."""

from domain.errors import listed
from entrypoints.examples import EXAMPLE
from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.codes import CODES
from entrypoints.web.mlflow_scoring.answers import ERROR_CODES, OTHERWISE, STATUSES, told_of
from entrypoints.web.mlflow_scoring.forms import FORMS
from entrypoints.web.mlflow_scoring.media_type import CSV_TYPE
from entrypoints.web.openapi.chapter import Chapter, Content, Json, Operation, Reply, Served, Wording
from entrypoints.web.openapi.headers import MODEL
from entrypoints.web.openapi.refusals import OF_A_BODY, PROPERTIES
from entrypoints.web.openapi.rows import reference
from entrypoints.web.openapi.shapes import by_name, closed, list_of, object_of

PLAIN: Json = {"type": "string"}
WORDING = Wording(JSON_TYPE, "MlflowError", told_of, STATUSES)
ERROR: dict[str, Json] = {
    "error_code": {"type": "string", "enum": sorted({*ERROR_CODES.values(), OTHERWISE})},
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


def chapter(served: Served) -> Chapter:
    """Return what is said of these routes."""
    row = [EXAMPLE[0]] * len(served.features)
    named = dict(zip(served.features, row, strict=True))
    examples = {
        "dataframe_split": {"columns": list(served.features), "data": [row]},
        "dataframe_records": [named],
        "instances": [row],
        "inputs": {name: [value] for name, value in named.items()},
    }
    return Chapter(
        "MLflow scoring",
        [
            Operation(
                name="invocations",
                method="post",
                path="/invocations",
                summary=f"Predict up to {served.rows:,} rows, asked for as MLflow's clients ask",
                details=f"Columns may come in any order and number; the model takes {listed(served.features)}.",
                body={
                    JSON_TYPE: Content("Invocation", {name: {name: value} for name, value in examples.items()}),
                    CSV_TYPE: Content({"type": "string", "description": "A line of names, then one for each row."}),
                },
                replies={
                    200: Reply("The predictions, in the order of the rows", {JSON_TYPE: Content("Scored")}, MODEL)
                },
                problems=PROBLEMS,
                wording=WORDING,
            ),
            Operation(
                name="ping",
                method="get",
                path="/ping",
                summary="Whether it can predict",
                replies={200: Reply("It can", {"text/plain": Content(PLAIN)})},
                problems={503: ("no_model",)},
                wording=WORDING,
            ),
            Operation(
                name="version",
                method="get",
                path="/version",
                summary="The version of MLflow whose protocol this is",
                replies={200: Reply("The version", {"text/plain": Content(PLAIN)})},
                wording=WORDING,
            ),
        ],
        {
            "Invocation": {"anyOf": [_form(name, rows) for name, rows in _rows(served).items()]},
            "Scored": object_of({"predictions": list_of({"type": "number"}, maxItems=served.rows)}),
            "MlflowError": closed(ERROR, *ERROR),
        },
    )


def _rows(served: Served) -> dict[str, Json]:
    number, count = reference("Number"), len(served.features)
    lists = list_of(list_of(number, minItems=count, maxItems=count), maxItems=served.rows)
    ordered: Json = {"anyOf": [lists, list_of(number, maxItems=served.rows)]} if count == 1 else lists
    records = list_of(by_name(served.features, number), maxItems=served.rows)
    column: Json = {"anyOf": [number, list_of(number, maxItems=served.rows)]}
    columns = {**by_name(served.features, column), "description": "Columns of equal length."}
    split = closed(
        {
            "columns": {"type": ["array", "null"], "items": PLAIN, "description": "Each feature is among them, once."},
            "index": {"type": ["array", "null"], "description": "As many labels as there are rows."},
            "data": {"type": "array", "maxItems": served.rows, "description": "A number for each column."},
        },
        "data",
    )
    either = {"anyOf": [ordered, records, columns]}
    return {"dataframe_split": split, "dataframe_records": records, "instances": either, "inputs": either}


def _form(name: str, rows: Json) -> Json:
    """Return the schema of a body with `rows` under `name`; what else is there is not looked at, but for the others."""
    others = [{"required": [other]} for other in FORMS if other != name]
    return {**object_of({name: rows}), "title": name, "not": {"anyOf": others}}
