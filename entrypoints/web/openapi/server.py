"""Operations of the health, metrics and documentation routes."""

from dataclasses import fields
from typing import get_args

from domain.data.columns import Kind
from domain.model.model_version import Lineage
from domain.model.scores import Scores
from entrypoints.web.openapi.headers import HEADERS
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response
from entrypoints.web.openapi.schemas import REGISTRY, TEXT, Json, list_of, object_of
from entrypoints.web.static import ASSETS, HTML_TYPE, INDEX

NO_MODEL, BUSY = {503: ("no_model",)}, {503: ("overloaded",)}
SOURCE = HEADERS["X-Model-Source"]["schema"]
NOT_READY = object_of({"status": {"const": "not ready"}, "reason": TEXT})
LINKS = object_of({name: {"const": address} for name, address in INDEX.items()})
FILE: Json = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": sorted(ASSETS)}}
FIGURES = content(TEXT, "text/plain") | content(TEXT, "application/openmetrics-text")
PAGE = content(TEXT, HTML_TYPE)
OUTSIDE_LINEAGE = ("scores", "target", "intervals", "warnings")
WARNINGS: Json = {
    "type": ["array", "null"],
    "items": TEXT,
    "description": "Of the training; null if an older release trained the version.",
}


def operations(_subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    ready = {200: response("It can", content(_status("ready"))), 503: response("It cannot", content(NOT_READY))}
    health, model = response("It can", content("Health")), response("The model", content("Model"))
    index, document = response("The index", content(LINKS)), response("OpenAPI 3.1", content({"type": "object"}))
    file = response("The file", {kind: {"schema": TEXT} for kind in sorted(set(ASSETS.values()))})
    index_summary = "The index: addresses relative to this one; a browser is sent to the console"
    console = response("The console, which is for browsers", PAGE)
    return [
        Operation("alive", "/livez", "Whether the server runs", {200: response("It runs", content(_status("ok")))}),
        Operation("ready", "/readyz", "Whether the server can predict", ready),
        Operation("health", "/health", "Whether and with which model it predicts", {200: health}, problems=NO_MODEL),
        Operation("model", "/model", "The served model, and its origin", {200: model}, problems=NO_MODEL),
        Operation("metrics", "/metrics", "Metrics of all workers", {200: response("Metrics", FIGURES)}, problems=BUSY),
        Operation("index", "/", index_summary, {200: index, 303: console}),
        Operation("openapi", "/openapi.json", "This document", {200: document}, problems=NO_MODEL),
        Operation("docs", "/docs", "A page that shows this document", {200: response("The page", PAGE)}),
        Operation(
            "docs_file",
            "/docs/{name}",
            "A file of the page at /docs",
            {200: file},
            problems={404: ("not_found",)},
            parameters=[FILE],
        ),
    ]


def schemas(subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operations refer to."""
    version = {"version": TEXT, "source": SOURCE}
    return {
        "Health": object_of({"status": {"const": "ok"}, **version}),
        "Model": object_of({**version, **_model(len(subject.features))}),
    }


def _status(status: str) -> Json:
    return object_of({"status": {"const": status}})


def origin() -> dict[str, Json]:
    """Return the members about the origin and the scores of a version."""
    lineage: dict[str, Json] = {field.name: TEXT for field in fields(Lineage) if field.name not in OUTSIDE_LINEAGE}
    setting: Json = {"type": ["string", "number", "boolean", "null"]}
    lineage["settings"] = {"type": "object", "additionalProperties": setting}
    lineage["created_at"] = {"type": "string", "format": "date-time"}
    return {
        "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "target": TEXT,
        "scores": object_of({field.name: {"type": "number"} for field in fields(Scores)}),
        "intervals": {
            "type": "object",
            "description": "Of 95 %, by score; none for few held-out rows.",
            "additionalProperties": object_of({end: {"type": "number"} for end in ("low", "high")}),
        },
        "warnings": WARNINGS,
        "lineage": object_of(lineage),
    }


def _model(features: int) -> dict[str, Json]:
    column = {"name": TEXT, "kind": {"enum": list(get_args(Kind))}, "nullable": {"type": "boolean"}}
    return {
        "features": {**list_of(TEXT, minItems=features, maxItems=features), "uniqueItems": True},
        "columns": list_of(object_of(column), minItems=features, maxItems=features),
        "left_out": list_of(object_of({"name": TEXT, "reason": TEXT})),
        "example": {"type": "object", "description": "A plausible row."},
        "coefficients": {
            "type": "object",
            "description": "By term: a number, a level, a month, a part of a curve, or a product.",
            "additionalProperties": {"type": "number"},
        },
        "intercept": {"type": "number"},
        "highest_level": {"type": ["number", "null"], "description": "Of intervals; null if there are none."},
        **origin(),
        "registry": REGISTRY,
        "copy_problem": TEXT,
        "challenger_problem": TEXT,
    }
