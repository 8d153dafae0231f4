"""Operations of the documentation routes."""

from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.documentation import ASSETS, HTML_TYPE, INDEX
from entrypoints.web.openapi.chapter import Chapter, Content, Json, Operation, Reply, Served
from entrypoints.web.openapi.shapes import object_of

FILE: Json = {"type": "string"}
LINKS = object_of({name: {"const": address} for name, address in INDEX.items()})
NAME: Json = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": sorted(ASSETS)}}


def chapter(_served: Served) -> Chapter:
    """Return what is said of these routes."""
    return Chapter(
        "Documentation",
        [
            Operation(
                name="index",
                method="get",
                path="/",
                summary="Where to begin: addresses relative to this one, as a page for browsers",
                replies={200: Reply("The index", {JSON_TYPE: Content(LINKS), HTML_TYPE: Content(FILE)})},
            ),
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
                replies={200: Reply("The page", {HTML_TYPE: Content(FILE)})},
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
