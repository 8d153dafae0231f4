"""The answers to what is not in order, as RFC 9457 has them."""

from collections.abc import Collection, Mapping

from entrypoints.web.authentication import ANY, OPEN
from entrypoints.web.codes import CODES
from entrypoints.web.openapi import headers
from entrypoints.web.openapi.chapter import Json, Operation, Wording
from entrypoints.web.openapi.rows import reference
from entrypoints.web.openapi.security import roles
from entrypoints.web.openapi.shapes import closed, list_of
from entrypoints.web.problems import CONTENT_TYPE, LONGEST_TEXT, MOST_PLACES, members
from entrypoints.web.rate_limiting import UNCOUNTED

TEXT: Json = {"type": "string", "maxLength": LONGEST_TEXT}
PLACE: Json = {**TEXT, "description": "In the request, such as `X[3].bmi`."}
PROPERTIES: dict[str, Json] = {
    "type": {"type": "string", "pattern": "^urn:endeavour:problem:[a-z_]+$"},
    "title": {"type": "string"},
    "status": {"type": "integer"},
    "detail": TEXT,
    "code": {"type": "string", "description": "Stable, for programs to tell problems apart by."},
    "request_id": {"type": "string", "description": "As in the header X-Request-Id."},
    "errors": list_of(closed({"place": PLACE, "detail": TEXT}, "place", "detail"), maxItems=MOST_PLACES),
}
PROBLEM: Json = {
    **closed(PROPERTIES, *PROPERTIES),
    "description": "RFC 9457. Nothing that the client sent is repeated, but for names that can be no more than that.",
}

RFC_9457 = Wording(CONTENT_TYPE, "Problem", dict)

# What reading a JSON body may come to, whatever is in it.
OF_A_BODY: Mapping[int, Collection[str]] = {
    400: [code for code in CODES[400] if code != "bad_csv"],
    413: CODES[413],
    415: CODES[415],
}


def problems_of(operation: Operation, *, keys_needed: bool) -> dict[str, Json]:
    """Return the problems that `operation` may answer, by status, with those that any operation may."""
    found = {**operation.problems, 500: CODES[500]}
    if operation.path not in UNCOUNTED:
        found[429] = CODES[429]
    if not keys_needed and operation.path not in OPEN:
        found[421] = CODES[421]
    if keys_needed and (needed := roles(operation)) is not None:
        found[401] = CODES[401]
        if needed != ANY:
            found[403] = CODES[403]
    wording = operation.wording or RFC_9457
    told: dict[int, list[Json]] = {}
    for status in sorted(found):
        told.setdefault(wording.statuses.get(status, status), []).extend(
            _example(status, code) for code in found[status]
        )
    return {str(status): _problem(status, problems, wording) for status, problems in told.items()}


def _problem(status: int, problems: list[Json], wording: Wording) -> Json:
    names = headers.ALWAYS + headers.BY_STATUS.get(status, ())
    bodies = [wording.body(problem) for problem in problems]
    narrowed: Json = {
        name: {"enum": list(dict.fromkeys(body[name] for body in bodies))}
        for name in ("error_code", "code")
        if name in bodies[0]
    }
    if "status" in bodies[0]:
        narrowed["status"] = {"const": status}
    content = {"schema": {"allOf": [reference(wording.schema), {"properties": narrowed}]}, "example": bodies[0]}
    return {
        "description": "\n".join(f"- `{problem['code']}`: {problem['detail']}" for problem in problems),
        "headers": {name: headers.reference(name) for name in names},
        "content": {wording.kind: content},
    }


def _example(status: int, code: str) -> Json:
    return {**members(status, code, CODES[status][code], "5f0c6e1b9a7d4c3e8b2a1f60"), "errors": []}
