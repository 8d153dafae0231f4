"""The document as a whole."""

from collections.abc import Mapping
from importlib.metadata import version

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from domain.errors import listed
from entrypoints.web.openapi import headers, rows
from entrypoints.web.openapi.chapter import Content, Json, Operation, Reply, Served
from entrypoints.web.openapi.contents import CHAPTERS
from entrypoints.web.openapi.refusals import PROBLEM, problems_of
from entrypoints.web.openapi.security import SCHEMES, requirement
from entrypoints.web.openapi.shapes import MAX_NAMED_FEATURES

# 3.1 is JSON Schema; what tools make of it is ahead of what they make of 3.2.
OPENAPI = "3.1.0"
# Relative to the document, so that requests stay below the path at which a proxy serves it.
SERVERS = [{"url": "."}]


def document(served: Served) -> bytes:
    """Return the document about the server that answers with `served`, as JSON."""
    marshmallow = MarshmallowPlugin()
    spec = APISpec(
        "Endeavour",
        version("endeavour"),
        OPENAPI,
        plugins=[marshmallow],
        info={"description": _about(served)},
        servers=SERVERS,
    )
    marshmallow.converter.add_attribute_function(rows.of_field)  # type: ignore[union-attr]  # set by APISpec
    _add_components(spec, served)
    for describe in CHAPTERS:
        chapter = describe(served)
        spec.tag({"name": chapter.title})
        for name, schema in chapter.schemas.items():
            spec.components.schema(name, schema)
        for name, form in chapter.forms.items():
            spec.components.schema(name, schema=form)
        for operation in chapter.operations:
            told = {"tags": [chapter.title], **_operation(operation, served)}
            spec.path(operation.path, operations={operation.method: told})
    return orjson.dumps(spec.to_dict())


def _about(served: Served) -> str:
    return (
        f"Version `{served.version}` predicts from {listed(served.features)}; examples and bounds are those of this "
        f"version.\n\nA body may have {served.body:,} bytes. What is wrong with the form of a request is answered 400, "
        f"what is wrong with its meaning 422, and every error has a stable `code`."
    )


def _add_components(spec: APISpec, served: Served) -> None:
    spec.components.schema("Number", rows.NUMBER)
    spec.components.schema("Row", rows.row(served.features))
    spec.components.schema("Problem", PROBLEM)
    for name, header in headers.HEADERS.items():
        spec.components.header(name, {"required": True, **header})
    spec.components.parameter("RequestId", "header", headers.REQUEST_ID)
    if served.keys_needed:
        for name, scheme in SCHEMES.items():
            spec.components.security_scheme(name, scheme)


def _operation(operation: Operation, served: Served) -> Json:
    told: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*operation.parameters, "RequestId"],
        "responses": {str(status): _reply(reply) for status, reply in operation.replies.items()},
        "security": requirement(operation) if served.keys_needed else [],
    }
    if operation.details:
        told["description"] = operation.details
    if operation.body:
        exemplified = len(served.features) <= MAX_NAMED_FEATURES
        told["requestBody"] = {"required": True, "content": _content(operation.body, exemplified=exemplified)}
    told["responses"] |= problems_of(operation, keys_needed=served.keys_needed)
    return told


def _reply(reply: Reply) -> Json:
    told: Json = {
        "description": reply.meaning,
        "headers": {name: headers.reference(name) for name in (*headers.ALWAYS, *reply.headers)},
    }
    if reply.content:
        told["content"] = _content(reply.content)
    return told


def _content(bodies: Mapping[str, Content], *, exemplified: bool = True) -> Json:
    return {
        kind: {
            "schema": rows.reference(body.schema) if isinstance(body.schema, str) else body.schema,
            **(
                {"examples": {title: {"value": value} for title, value in body.examples.items()}}
                if body.examples and exemplified
                else {}
            ),
        }
        for kind, body in bodies.items()
    }
