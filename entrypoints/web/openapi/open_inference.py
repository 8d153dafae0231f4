"""Operations of the Open Inference Protocol."""

from functools import partial
from typing import Any

from domain.features.cells import Cell
from entrypoints.web.openapi.columns import any_cell
from entrypoints.web.openapi.headers import PREDICTED, ROUTING
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response, with_examples
from entrypoints.web.openapi.predictions import NUMBER, interval_level
from entrypoints.web.openapi.problems import BODY_PROBLEMS, NO_PREDICTION, PROPERTIES, ROW_PROBLEMS
from entrypoints.web.openapi.problems import TEXT as PROBLEM_TEXT
from entrypoints.web.openapi.schemas import TEXT, Json, closed, list_of, object_of
from entrypoints.web.protocols.open_inference.datatypes import DATATYPE_OF_KIND, DATATYPES, NUMBER_DATATYPES
from entrypoints.web.protocols.open_inference.model_endpoint import (
    DATATYPE,
    MATRIX,
    OPEN_INFERENCE_ERRORS,
    RESULT,
    URL_PREFIX,
    takes_matrix,
)
from entrypoints.web.protocols.open_inference.schemas import SAFE_ID
from entrypoints.web.protocols.open_inference.tensors import MAX_DIMENSION, MAX_DIMENSIONS
from entrypoints.web.wire.error_codes import CODES
from entrypoints.web.wire.intervals import INTERVAL

NO_MODEL, NOT_FOUND = {503: ("no_model",)}, {404: ("not_found",)}
PROBLEMS = {
    **BODY_PROBLEMS,
    400: [*BODY_PROBLEMS[400], "duplicate_key"],
    404: CODES[404],
    422: ROW_PROBLEMS,
    **NO_PREDICTION,
}
PARAMETERS: Json = {"description": "Not read."}


def operations(subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    name, version = _parameter("name", subject.name), _parameter("version", subject.version)
    root, model = URL_PREFIX, f"{URL_PREFIX}/models/{{name}}"
    return [
        _get("v2", root, "The server", "InferenceServer"),
        _get("v2_slash", f"{root}/", "The server", "InferenceServer"),
        _get("v2_live", f"{root}/health/live", "Whether the server runs", "InferenceLive"),
        _get("v2_ready", f"{root}/health/ready", "Whether the server can predict", "InferenceReady", problems=NO_MODEL),
        *_of_model("", model, subject, [name]),
        *_of_model("_version", f"{model}/versions/{{version}}", subject, [name, version]),
    ]


def _of_model(suffix: str, path: str, subject: DocumentSubject, parameters: list[Json]) -> list[Operation]:
    (row, _), columns = subject.rows, subject.encoding.columns
    apart = [
        _tensor(column.name, [1], [cell], DATATYPE_OF_KIND[column.kind])
        for column, cell in zip(columns, row, strict=True)
    ]
    examples = {"a tensor for each feature": {"inputs": apart}}
    details = "One tensor for each feature, with its name."
    if takes_matrix(subject.encoding):
        examples = {"one tensor": {"inputs": [_tensor(MATRIX, [1, len(row)], row)]}, **examples}
        details = f"One tensor `{MATRIX}` of all features in the model's order, or one for each, with its name."
    get = partial(_get, problems={**NOT_FOUND, **NO_MODEL}, parameters=parameters)
    return [
        get(f"v2_model{suffix}", path, "The model", "InferenceModel"),
        get(f"v2_model{suffix}_ready", f"{path}/ready", "Whether the server can predict", "InferenceModelReady"),
        Operation(
            name=f"v2_infer{suffix}",
            method="post",
            path=f"{path}/infer",
            summary=f"Predict up to {subject.limits.rows:,} rows of tensors",
            details=details,
            parameters=[*parameters, *ROUTING],
            body=with_examples("Inference", subject, examples),
            responses={200: response("The predictions", content("Inferred"), PREDICTED)},
            problems=PROBLEMS,
            error_format=OPEN_INFERENCE_ERRORS,
        ),
    ]


def _get(name: str, path: str, summary: str, schema: str, **more: Any) -> Operation:
    return Operation(
        name, path, summary, {200: response(summary, content(schema))}, error_format=OPEN_INFERENCE_ERRORS, **more
    )


def schemas(subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operations refer to."""
    rows, metadata = subject.limits.rows, list_of({"type": "object"}, minItems=1)
    output = closed({"name": {"const": RESULT}, "parameters": PARAMETERS}, "name")
    error = {"error": PROBLEM_TEXT, **PROPERTIES}
    name: Json = {"const": subject.name}
    return {
        "InferenceError": closed(error, *error),
        "InferenceServer": object_of({"name": TEXT, "version": TEXT, "extensions": list_of(TEXT)}),
        "InferenceLive": object_of({"live": {"const": True}}),
        "InferenceReady": object_of({"ready": {"const": True}}),
        "InferenceModelReady": object_of({"name": name, "ready": {"const": True}}),
        "InferenceModel": object_of(
            {
                "name": name,
                "versions": list_of(TEXT, minItems=1),
                "platform": TEXT,
                "inputs": metadata,
                "outputs": metadata,
            }
        ),
        "Inference": closed(
            {
                "id": {"type": ["string", "null"], "pattern": f"^{SAFE_ID.pattern}$"},
                "parameters": {"properties": interval_level(subject), "description": "Others are not read."},
                "inputs": list_of(_input(subject), minItems=1),
                "outputs": {"type": ["array", "null"], "items": output},
            },
            "inputs",
        ),
        "Inferred": object_of({"model_name": name, "model_version": TEXT, "outputs": list_of(_output(rows))}),
    }


def _input(subject: DocumentSubject) -> Json:
    rows, cell, plain = subject.limits.rows, any_cell(subject), subject.encoding.is_plain
    dimension = {"type": "integer", "minimum": 0, "maximum": MAX_DIMENSION}
    needed: dict[str, Json] = {
        "name": TEXT,
        "datatype": {"enum": list(NUMBER_DATATYPES if plain else DATATYPES)},
        "shape": {
            **list_of(dimension, minItems=1, maxItems=MAX_DIMENSIONS),
            "description": f"[rows] or [rows, columns], of up to {rows:,} rows.",
        },
        "data": {
            "anyOf": [list_of(cell), list_of(list_of(cell))],
            "description": "As many values as shape has, flat or a list for each row.",
        },
    }
    return closed({**needed, "parameters": PARAMETERS}, *needed)


def _output(rows: int) -> Json:
    """Return the schema of the predictions, shape [rows], or of their intervals, shape [rows, 2]."""
    shape = list_of({"type": "integer", "minimum": 0, "maximum": max(rows, 2)}, minItems=1, maxItems=2)
    name, data = {"enum": [RESULT, INTERVAL]}, list_of(NUMBER, maxItems=2 * rows)
    return object_of({"name": name, "datatype": {"const": DATATYPE}, "shape": shape, "data": data})


def _tensor(name: str, shape: list[int], data: list[Cell], datatype: str = DATATYPE) -> Json:
    return {"name": name, "shape": shape, "datatype": datatype, "data": data}


def _parameter(name: str, only: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "enum": [only]}}
