"""Headers of our own, in responses and in requests."""

from domain.delivery.routing import Role
from domain.delivery.served_model import ModelOrigin
from entrypoints.web.openapi.schemas import Json, reference
from entrypoints.web.wire.pin import PINS

PREDICTED = (
    "X-Model-Version",
    "X-Model-Source",
    "X-Model-Role",
    "X-Unseen-Levels",
    "X-Filled-Values",
    "X-Extrapolating",
)
ALWAYS = ("X-Request-Id",)
# Headers of responses with these statuses, besides `ALWAYS`.
BY_STATUS = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}

HEADERS: dict[str, Json] = {
    "X-Request-Id": {
        "description": "The id of this request in the server's log.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "X-Model-Version": {
        "description": "The model version that made every prediction of this response.",
        "schema": {"type": "string"},
    },
    "X-Model-Source": {
        "description": (
            "`registry`: confirmed by the model registry moments ago. `cache`: the last one known. "
            "`bundled`: the one that ships with the program."
        ),
        "schema": {"type": "string", "enum": [*ModelOrigin]},
    },
    "X-Model-Role": {
        "description": (
            "During a rollout, the role of the model that answered. `fallback`: the champion, because the challenger "
            "failed at this request."
        ),
        "schema": {"type": "string", "enum": [*Role]},
        "required": False,
    },
    "X-Unseen-Levels": {
        "description": "Columns with a text that the training rows did not have, and in how many rows: `city;rows=2`.",
        "schema": {"type": "string"},
        "required": False,
    },
    "X-Filled-Values": {
        "description": "Columns with empty cells that the model filled, and in how many rows: `area;rows=2`.",
        "schema": {"type": "string"},
        "required": False,
    },
    "X-Extrapolating": {
        "description": (
            "Of intervals and explanations: columns with a value outside the range of the training rows, or with a "
            "text that those did not have, and in how many rows: `area;rows=2`."
        ),
        "schema": {"type": "string"},
        "required": False,
    },
    "X-Feedback-Token": {
        "description": "For `POST /feedback`, if the request has the header `X-Feedback: 1`.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{72,158}$"},
        "required": False,
    },
    "Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 0}},
    "WWW-Authenticate": {"description": "The scheme of keys.", "schema": {"const": "Bearer"}},
    "Allow": {"description": "The methods that the path has.", "schema": {"type": "string"}},
}

# Request headers, by their names as components. Without patterns: what does not match is replaced, not refused.
PARAMETERS: dict[str, Json] = {
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "An id for this request: up to 64 letters, digits and `._-`; any other is replaced.",
        "schema": {"type": "string"},
    },
    "EntityId": {
        "name": "X-Entity-Id",
        "in": "header",
        "description": (
            "The entity that the rows are about: up to 128 letters, digits and `._:@-`. One model answers all requests "
            "about it in a step of a rollout. Any other id counts as absent."
        ),
        "schema": {"type": "string"},
    },
    "EndeavourModel": {
        "name": "X-Endeavour-Model",
        "in": "header",
        "description": (
            "The model that answers. It takes a key with the role `operate` if there are keys, and a running rollout "
            "for the challenger."
        ),
        "schema": {"type": "string", "enum": [*PINS]},
    },
    "Feedback": {
        "name": "X-Feedback",
        "in": "header",
        "description": "1 asks for the header `X-Feedback-Token`, with which the label is sent back later.",
        "schema": {"type": "string"},
    },
}
# Of operations that predict.
ROUTING = [reference(name, "parameters") for name in ("EntityId", "EndeavourModel")]
