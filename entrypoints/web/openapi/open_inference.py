"""The routes of the Open Inference Protocol, described."""

from collections.abc import Collection, Mapping

from entrypoints.examples import EXAMPLE
from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.codes import CODES
from entrypoints.web.open_inference.datatypes import DATATYPES
from entrypoints.web.open_inference.errors import PREFIX, in_open_inference
from entrypoints.web.open_inference.forms import HARMLESS
from entrypoints.web.open_inference.tensors import LONGEST_DIMENSION, MOST_DIMENSIONS
from entrypoints.web.open_inference.vocabulary import DATATYPE, MATRIX, RESULT
from entrypoints.web.openapi.chapter import Chapter, Content, Json, Operation, Reply, Served, Wording
from entrypoints.web.openapi.headers import MODEL
from entrypoints.web.openapi.refusals import OF_A_BODY, PROPERTIES, TEXT
from entrypoints.web.openapi.rows import reference
from entrypoints.web.openapi.shapes import MAX_NAMED_FEATURES, closed, list_of, object_of

WORDING = Wording(JSON_TYPE, "InferenceError", in_open_inference)
NO_MODEL, NOT_FOUND = {503: ("no_model",)}, {404: ("not_found",)}
PROBLEMS = {**OF_A_BODY, **NOT_FOUND, 422: CODES[422], 503: CODES[503]}
WORD: Json = {"type": "string"}
PARAMETERS: Json = {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number", "boolean"]}}


def chapter(served: Served) -> Chapter:
    """Return what is said of these routes."""
    name, version = _parameter("name", served.name), _parameter("version", served.version)
    model = f"{PREFIX}/models/{{name}}"
    return Chapter(
        "Open Inference Protocol",
        [
            *(_get(name, path, "The server", "InferenceServer") for name, path in SERVER.items()),
            _get("v2_live", f"{PREFIX}/health/live", "Whether it lives", "InferenceLive"),
            _get("v2_ready", f"{PREFIX}/health/ready", "Whether it can predict", "InferenceReady", NO_MODEL),
            *_of_model("", model, served, [name]),
            *_of_model("_version", f"{model}/versions/{{version}}", served, [name, version]),
        ],
        _schemas(served),
    )


SERVER = {"v2": PREFIX, "v2_slash": f"{PREFIX}/"}


def _of_model(suffix: str, path: str, served: Served, parameters: list[Json]) -> list[Operation]:
    missing = {**NOT_FOUND, **NO_MODEL}
    row = [EXAMPLE[0]] * len(served.features)
    return [
        _get(f"v2_model{suffix}", path, "The model", "InferenceModel", missing, parameters),
        _get(
            f"v2_model{suffix}_ready",
            f"{path}/ready",
            "Whether it can predict",
            "InferenceModelReady",
            missing,
            parameters,
        ),
        Operation(
            name=f"v2_infer{suffix}",
            method="post",
            path=f"{path}/infer",
            summary=f"Predict up to {served.rows:,} rows of tensors",
            details=f"One tensor `{MATRIX}` of all features in the model's order, or one for each, with its name.",
            parameters=parameters,
            body={
                JSON_TYPE: Content(
                    "Inference",
                    {
                        "one tensor": {"inputs": [_tensor(MATRIX, [1, len(row)], row)]},
                        "a tensor for each feature": {
                            "inputs": [_tensor(name, [1], row[:1]) for name in served.features[:MAX_NAMED_FEATURES]]
                        },
                    },
                )
            },
            replies={200: Reply("The predictions", {JSON_TYPE: Content("Inferred")}, MODEL)},
            problems=PROBLEMS,
            wording=WORDING,
        ),
    ]


def _get(
    name: str,
    path: str,
    summary: str,
    schema: str,
    problems: Mapping[int, Collection[str]] | None = None,
    parameters: list[Json] | None = None,
) -> Operation:
    return Operation(
        name=name,
        method="get",
        path=path,
        summary=summary,
        replies={200: Reply(summary, {JSON_TYPE: Content(schema)})},
        problems=problems or {},
        parameters=parameters or [],
        wording=WORDING,
    )


def _schemas(served: Served) -> dict[str, Json]:
    rows, metadata = served.rows, list_of({"type": "object"}, minItems=1)
    output = closed({"name": {"const": RESULT}, "parameters": PARAMETERS}, "name")
    error = {"error": TEXT, **PROPERTIES}
    return {
        "InferenceError": closed(error, *error),
        "InferenceServer": object_of({"name": WORD, "version": WORD, "extensions": list_of(WORD)}),
        "InferenceLive": object_of({"live": {"const": True}}),
        "InferenceReady": object_of({"ready": {"const": True}}),
        "InferenceModelReady": object_of({"name": {"const": served.name}, "ready": {"const": True}}),
        "InferenceModel": object_of(
            {
                "name": {"const": served.name},
                "versions": list_of(WORD, minItems=1),
                "platform": WORD,
                "inputs": metadata,
                "outputs": metadata,
            }
        ),
        "Inference": closed(
            {
                "id": {"type": ["string", "null"], "pattern": f"^{HARMLESS.pattern}$"},
                "parameters": PARAMETERS,
                "inputs": list_of(_input(rows), minItems=1),
                "outputs": {"type": ["array", "null"], "items": output},
            },
            "inputs",
        ),
        "Inferred": object_of(
            {"model_name": {"const": served.name}, "model_version": WORD, "outputs": list_of(_output(rows))}
        ),
    }


def _input(rows: int) -> Json:
    number = reference("Number")
    dimension = {"type": "integer", "minimum": 0, "maximum": LONGEST_DIMENSION}
    return closed(
        {
            "name": WORD,
            "datatype": {"enum": list(DATATYPES)},
            "shape": {
                **list_of(dimension, minItems=1, maxItems=MOST_DIMENSIONS),
                "description": f"[rows] or [rows, columns], of up to {rows:,} rows.",
            },
            "data": {
                "anyOf": [list_of(number), list_of(list_of(number))],
                "description": "As many numbers as shape says, flat or a list for each row.",
            },
            "parameters": PARAMETERS,
        },
        "name",
        "datatype",
        "shape",
        "data",
    )


def _output(rows: int) -> Json:
    shape = list_of({"type": "integer", "minimum": 0, "maximum": rows}, minItems=1, maxItems=1)
    data = list_of({"type": "number"}, maxItems=rows)
    return object_of({"name": {"const": RESULT}, "datatype": {"const": DATATYPE}, "shape": shape, "data": data})


def _tensor(name: str, shape: list[int], data: list[float]) -> Json:
    return {"name": name, "shape": shape, "datatype": DATATYPE, "data": data}


def _parameter(name: str, only: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "enum": [only]}}
