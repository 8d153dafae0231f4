"""The document: paths, components and security, assembled from the operations of each tag."""

import orjson

from domain.errors import format_names
from entrypoints.git_revision import release
from entrypoints.web.openapi import (
    columns,
    effects,
    explanations,
    feedback,
    headers,
    mlflow_scoring,
    monitoring,
    open_inference,
    predictions,
    rollouts,
    server,
)
from entrypoints.web.openapi.operations import DocumentSubject, Operation
from entrypoints.web.openapi.problems import PROBLEM, problems_of, roles_of
from entrypoints.web.openapi.schemas import Json, reference

# 3.1 is JSON Schema, and tools support it better than 3.2.
OPENAPI = "3.1.0"
TAG_GROUPS = {
    "Predictions": predictions,
    "Explanations": explanations,
    "Effects": effects,
    "Feedback": feedback,
    "MLflow scoring": mlflow_scoring,
    "Open Inference Protocol": open_inference,
    "Rollout": rollouts,
    "Monitoring": monitoring,
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


def render_document(subject: DocumentSubject) -> bytes:
    """Return the document about `subject`, as JSON."""
    paths: dict[str, Json] = {}
    for tag, group in TAG_GROUPS.items():
        for operation in group.operations(subject):
            paths.setdefault(operation.path, {})[operation.method] = _describe(operation, tag, subject)
    return orjson.dumps(
        {
            "openapi": OPENAPI,
            "info": {"title": "Endeavour", "version": release(), "description": _description(subject)},
            # Relative to the document, so that requests stay below the path at which a proxy serves it.
            "servers": [{"url": "."}],
            "tags": [{"name": tag} for tag in TAG_GROUPS],
            "paths": paths,
            "components": _components(subject),
        }
    )


def _description(subject: DocumentSubject) -> str:
    return (
        f"Version `{subject.version}` predicts from {format_names(subject.features)}; "
        "examples and bounds are those of this version.\n\n"
        f"A body may have {subject.limits.body_bytes:,} bytes. A malformed request is answered "
        f"400, invalid values in a request 422, and every error has a stable `code`."
    )


def _components(subject: DocumentSubject) -> Json:
    schemas = columns.schemas(subject) | {"Row": columns.row(subject), "Problem": PROBLEM}
    for group in TAG_GROUPS.values():
        schemas |= group.schemas(subject)
    return {
        "schemas": schemas,
        "headers": {name: {"required": True, **header} for name, header in headers.HEADERS.items()},
        "parameters": headers.PARAMETERS,
        **({"securitySchemes": SECURITY} if subject.keys_needed else {}),
    }


def _describe(operation: Operation, tag: str, subject: DocumentSubject) -> Json:
    needs_key = subject.keys_needed and roles_of(operation)
    described: Json = {
        "tags": [tag],
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*operation.parameters, reference("RequestId", "parameters")],
        "responses": {str(status): answer for status, answer in operation.responses.items()},
        "security": [{scheme: []} for scheme in SECURITY] if needs_key else [],
    }
    if operation.details:
        described["description"] = operation.details
    if operation.body:
        described["requestBody"] = {"required": True, "content": operation.body}
    described["responses"] |= problems_of(operation, keys_needed=subject.keys_needed)
    return described
