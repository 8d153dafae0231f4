"""The document as a whole."""

from importlib.metadata import version

import orjson

from domain.errors import format_names
from entrypoints.web.openapi import headers, mlflow_scoring, open_inference, predictions, server
from entrypoints.web.openapi.operations import Operation, ServedModelEndpoint
from entrypoints.web.openapi.problems import PROBLEM, problems_of, roles_of
from entrypoints.web.openapi.schemas import NUMBER, Json, reference, row

# 3.1 is JSON Schema; what tools make of it is ahead of what they make of 3.2.
OPENAPI = "3.1.0"
CHAPTERS = {
    "Predictions": predictions,
    "MLflow scoring": mlflow_scoring,
    "Open Inference Protocol": open_inference,
    "Server": server,
}
SECURITY: dict[str, Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The key, as `endeavour keys add` printed it."},
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key, in a header of its own.",
    },
}


def document(served: ServedModelEndpoint) -> bytes:
    """Return the document about the server that answers with `served`, as JSON."""
    paths: dict[str, Json] = {}
    for title, chapter in CHAPTERS.items():
        for operation in chapter.operations(served):
            paths.setdefault(operation.path, {})[operation.method] = _described(operation, title, served)
    return orjson.dumps(
        {
            "openapi": OPENAPI,
            "info": {"title": "Endeavour", "version": version("endeavour"), "description": _about(served)},
            # Relative to the document, so that requests stay below the path at which a proxy serves it.
            "servers": [{"url": "."}],
            "tags": [{"name": title} for title in CHAPTERS],
            "paths": paths,
            "components": _components(served),
        }
    )


def _about(served: ServedModelEndpoint) -> str:
    return (
        f"Version `{served.version}` predicts from {format_names(served.features)}; "
        "examples and bounds are those of this version.\n\n"
        f"A body may have {served.body:,} bytes. What is wrong with the form of a request is answered 400, "
        f"what is wrong with its meaning 422, and every error has a stable `code`."
    )


def _components(served: ServedModelEndpoint) -> Json:
    schemas = {"Number": NUMBER, "Row": row(served.features), "Problem": PROBLEM}
    for chapter in CHAPTERS.values():
        schemas |= chapter.schemas(served)
    return {
        "schemas": schemas,
        "headers": {name: {"required": True, **header} for name, header in headers.HEADERS.items()},
        "parameters": {"RequestId": headers.REQUEST_ID},
        **({"securitySchemes": SECURITY} if served.keys_needed else {}),
    }


def _described(operation: Operation, title: str, served: ServedModelEndpoint) -> Json:
    needs_key = served.keys_needed and roles_of(operation)
    described: Json = {
        "tags": [title],
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*operation.parameters, reference("RequestId", "parameters")],
        "responses": {str(status): answer for status, answer in operation.replies.items()},
        "security": [{scheme: []} for scheme in SECURITY] if needs_key else [],
    }
    if operation.details:
        described["description"] = operation.details
    if operation.body:
        described["requestBody"] = {"required": True, "content": operation.body}
    described["responses"] |= problems_of(operation, keys_needed=served.keys_needed)
    return described
