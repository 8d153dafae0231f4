"""GET /openapi.json and the page that shows it, described."""

from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.documentation import ASSETS
from entrypoints.web.openapi.chapter import Chapter, Content, Json, Operation, Reply, Served

FILE: Json = {"type": "string"}
NAME: Json = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": sorted(ASSETS)}}


def chapter(_served: Served) -> Chapter:
    """Return what is said of these routes."""
    return Chapter(
        "Documentation",
        [
            Operation(
                name="openapi",
                method="get",
                path="/openapi.json",
                summary="This document",
                replies={200: Reply("OpenAPI 3.1", {JSON_TYPE: Content({"type": "object"})})},
                problems={503: ("no_model",)},
            ),
            Operation(
                name="docs",
                method="get",
                path="/docs",
                summary="A page to read this document on, and to try it",
                replies={200: Reply("The page", {"text/html": Content(FILE)})},
            ),
            Operation(
                name="docs_file",
                method="get",
                path="/docs/{name}",
                summary="A file of that page",
                parameters=[NAME],
                replies={200: Reply("The file", {kind: Content(FILE) for kind in sorted(set(ASSETS.values()))})},
                problems={404: ("not_found",)},
            ),
        ],
    )
