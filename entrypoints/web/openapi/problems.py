"""Problems of an operation, in the error format of its protocol."""

from collections.abc import Collection, Mapping

from domain.access.api_key import Role
from entrypoints.web.middleware.authentication import ANY_ROLE, OPEN_RULES, roles_for
from entrypoints.web.middleware.rate_limit import UNCOUNTED_RULES
from entrypoints.web.openapi.headers import ALWAYS, BY_STATUS
from entrypoints.web.openapi.operations import Operation
from entrypoints.web.openapi.schemas import Json, closed, list_of, reference
from entrypoints.web.wire.error_codes import CODES
from entrypoints.web.wire.problems import MAX_ERRORS, MAX_TEXT_CHARACTERS, problem_members

TEXT: Json = {"type": "string", "maxLength": MAX_TEXT_CHARACTERS}
PLACE: Json = {**TEXT, "description": "In the request, such as `X[3].bmi`."}
PROPERTIES: dict[str, Json] = {
    "type": {"type": "string", "pattern": "^urn:endeavour:problem:[a-z_]+$"},
    "title": {"type": "string"},
    "status": {"type": "integer"},
    "detail": TEXT,
    "code": {"type": "string", "description": "Stable, so that programs can distinguish problems."},
    "request_id": {"type": "string", "description": "As in the header X-Request-Id."},
    "errors": list_of(closed({"place": PLACE, "detail": TEXT}, "place", "detail"), maxItems=MAX_ERRORS),
}
PROBLEM: Json = {
    **closed(PROPERTIES, *PROPERTIES),
    "description": "RFC 9457. It repeats no value of the request, and only keys that can be no more than a name.",
}

# Codes of a status that are not about a body of JSON.
NOT_OF_JSON = ("bad_csv", "duplicate_key", "invalid_parameter")
# Problems of a JSON body.
BODY_PROBLEMS: Mapping[int, Collection[str]] = {
    400: [code for code in CODES[400] if code not in NOT_OF_JSON],
    413: CODES[413],
    415: CODES[415],
}
# Problems of values in rows.
ROW_PROBLEMS = [code for code in CODES[422] if code != "invalid_token"]
NO_PREDICTION: Mapping[int, Collection[str]] = {503: ("no_model", "overloaded")}
NO_CHALLENGER: Mapping[int, Collection[str]] = {404: ("no_challenger",)}


def roles_of(operation: Operation) -> frozenset[Role] | None:
    """Return the roles of which a key must have one, None if no key is needed."""
    return roles_for(operation.path.replace("{", "<").replace("}", ">"))


def problems_of(operation: Operation, *, keys_needed: bool) -> dict[str, Json]:
    """Return the problem responses by status, those of every operation among them."""
    found = {**operation.problems, 500: CODES[500]}
    if operation.path not in UNCOUNTED_RULES:
        found[429] = CODES[429]
    if not keys_needed and operation.path not in OPEN_RULES:
        found[421] = CODES[421]
    if keys_needed and (needed := roles_of(operation)) is not None:
        found[401] = CODES[401]
        if needed != ANY_ROLE:
            found[403] = ("forbidden",)
    by_status: dict[int, list[Json]] = {}
    for status in sorted(found):
        responded = operation.error_format.statuses.get(status, status)
        by_status.setdefault(responded, []).extend(_example(status, code) for code in found[status])
    return {str(status): _response(status, problems, operation) for status, problems in by_status.items()}


def _response(status: int, problems: list[Json], operation: Operation) -> Json:
    error_format = operation.error_format
    bodies = [error_format.body(problem) for problem in problems]
    narrowed: Json = {
        name: {"enum": list(dict.fromkeys(body[name] for body in bodies))}
        for name in ("error_code", "code")
        if name in bodies[0]
    }
    if "status" in bodies[0]:
        narrowed["status"] = {"const": status}
    schema = {"allOf": [reference(error_format.schema), {"properties": narrowed}]}
    return {
        "description": "\n".join(f"- `{problem['code']}`: {problem['detail']}" for problem in problems),
        "headers": {name: reference(name, "headers") for name in ALWAYS + BY_STATUS.get(status, ())},
        "content": {error_format.media_type: {"schema": schema, "example": bodies[0]}},
    }


def _example(status: int, code: str) -> Json:
    return {**problem_members(status, code, CODES[status][code], "5f0c6e1b9a7d4c3e8b2a1f60"), "errors": []}
