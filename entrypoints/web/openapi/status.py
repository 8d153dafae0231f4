"""GET /livez, /readyz, /health and /model, described."""

from dataclasses import fields

from domain.mirror_report import RegistryState
from domain.model_version import Lineage
from domain.scores import Scores
from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.openapi.chapter import Chapter, Content, Json, Operation, Reply, Served
from entrypoints.web.openapi.headers import HEADERS
from entrypoints.web.openapi.shapes import list_of, object_of

TEXT: Json = {"type": "string"}
NO_MODEL = {503: ("no_model",)}
SERVED: dict[str, Json] = {"version": TEXT, "source": HEADERS["X-Model-Source"]["schema"]}


NOT_READY = object_of({"status": {"const": "not ready"}, "reason": TEXT})


def chapter(served: Served) -> Chapter:
    """Return what is said of these routes."""
    return Chapter(
        "Status",
        [
            Operation(
                name="alive",
                method="get",
                path="/livez",
                summary="Whether it lives",
                replies={200: Reply("It does", {JSON_TYPE: Content(_word("ok"))})},
            ),
            Operation(
                name="ready",
                method="get",
                path="/readyz",
                summary="Whether it can predict, in a word",
                replies={
                    200: Reply("It can", {JSON_TYPE: Content(_word("ready"))}),
                    503: Reply("It cannot", {JSON_TYPE: Content(NOT_READY)}),
                },
            ),
            Operation(
                name="health",
                method="get",
                path="/health",
                summary="Whether it can predict, and what with",
                replies={200: Reply("It can", {JSON_TYPE: Content("Health")})},
                problems=NO_MODEL,
            ),
            Operation(
                name="model",
                method="get",
                path="/model",
                summary="The model that answers, and where it comes from",
                replies={200: Reply("The model", {JSON_TYPE: Content("Model")})},
                problems=NO_MODEL,
            ),
        ],
        {"Health": object_of({"status": {"const": "ok"}, **SERVED}), "Model": _model(len(served.features))},
    )


def _word(word: str) -> Json:
    return object_of({"status": {"const": word}})


def _model(features: int) -> Json:
    scores: dict[str, Json] = {field.name: {"type": "number"} for field in fields(Scores)}
    setting: Json = {"type": ["string", "number", "boolean", "null"]}
    lineage: dict[str, Json] = {field.name: TEXT for field in fields(Lineage) if field.name not in ("scores", "target")}
    lineage["settings"] = {"type": "object", "additionalProperties": setting}
    lineage["created_at"] = {"type": "string", "format": "date-time"}
    names: Json = {**list_of(TEXT, minItems=features, maxItems=features), "uniqueItems": True}
    return object_of(
        {
            **SERVED,
            "features": names,
            "target": TEXT,
            "scores": object_of(scores),
            "lineage": object_of(lineage),
            "registry": _registry(),
            "copy_problem": TEXT,
        }
    )


def _registry() -> Json:
    """Return the schema of how the registry was last found, null where the host is its own."""
    state: Json = {"type": "string", "enum": [*RegistryState]}
    seconds: Json = {"type": ["number", "null"], "description": "Since it last said anything."}
    return object_of({"state": state, "reason": TEXT, "seconds": seconds}) | {"type": ["object", "null"]}
