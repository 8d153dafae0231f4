"""The answers to what is not in order, as RFC 9457 has them."""

from collections.abc import Collection, Mapping

from entrypoints.web.authentication import ANY, OPEN
from entrypoints.web.codes import CODES
from entrypoints.web.openapi import headers
from entrypoints.web.openapi.chapter import Json, Operation
from entrypoints.web.openapi.rows import reference
from entrypoints.web.openapi.security import roles
from entrypoints.web.problems import CONTENT_TYPE, LONGEST_TEXT, MOST_PLACES, members

TEXT: Json = {"type": "string", "maxLength": LONGEST_TEXT}
PROPERTIES: dict[str, Json] = {
    "type": {"type": "string", "pattern": "^urn:endeavour:problem:[a-z_]+$"},
    "title": {"type": "string"},
    "status": {"type": "integer"},
    "detail": TEXT,
    "code": {"type": "string", "description": "Stable, for programs to tell problems apart by."},
    "request_id": {"type": "string", "description": "As in the header X-Request-Id."},
    "errors": {
        "type": "array",
        "maxItems": MOST_PLACES,
        "items": {
            "type": "object",
            "properties": {
                "place": {**TEXT, "description": "In the request, such as `X[3].bmi`."},
                "detail": TEXT,
            },
            "required": ["place", "detail"],
            "additionalProperties": False,
        },
    },
}
PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457. Nothing that the client sent is repeated, but for names that can be no more than that.",
    "properties": PROPERTIES,
    "required": list(PROPERTIES),
    "additionalProperties": False,
}

# What reading a JSON body may come to, whatever is in it.
OF_A_BODY: Mapping[int, Collection[str]] = {400: CODES[400], 408: CODES[408], 413: CODES[413], 415: CODES[415]}


def problems_of(operation: Operation, *, keys_needed: bool) -> dict[str, Json]:
    """Return the problems that `operation` may answer, by status, with those that any operation may."""
    found = {**operation.problems, 500: CODES[500]}
    if operation.path not in OPEN:
        found[429] = CODES[429]
    if keys_needed and (needed := roles(operation)) is not None:
        found[401] = CODES[401]
        if needed != ANY:
            found[403] = CODES[403]
    return {str(status): _problem(status, found[status]) for status in sorted(found)}


def _problem(status: int, codes: Collection[str]) -> Json:
    told = [f"- `{code}`: {CODES[status][code]}" for code in codes]
    names = headers.ALWAYS + headers.BY_STATUS.get(status, ())
    narrowed = {"properties": {"status": {"const": status}, "code": {"enum": list(codes)}}}
    body = {"schema": {"allOf": [reference("Problem"), narrowed]}, "example": _example(status, next(iter(codes)))}
    return {
        "description": "\n".join(told),
        "headers": {name: headers.reference(name) for name in names},
        "content": {CONTENT_TYPE: body},
    }


def _example(status: int, code: str) -> Json:
    return {**members(status, code, CODES[status][code], "5f0c6e1b9a7d4c3e8b2a1f60"), "errors": []}
