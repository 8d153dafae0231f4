"""The headers of our own, in answers and in requests."""

from domain.delivery.served_model import ModelOrigin
from entrypoints.web.openapi.schemas import Json

MODEL = ("X-Model-Version", "X-Model-Source")
ALWAYS = ("X-Request-Id",)
# Answers of these statuses carry the header beside those of every answer.
BY_STATUS = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}

HEADERS: dict[str, Json] = {
    "X-Request-Id": {
        "description": "The id of this request in the server's log.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "X-Model-Version": {
        "description": "The model version that made every prediction of this answer.",
        "schema": {"type": "string"},
    },
    "X-Model-Source": {
        "description": (
            "`registry`: confirmed by the model registry moments ago. `cache`: the last one known. "
            "`bundled`: the one that ships with the program."
        ),
        "schema": {"type": "string", "enum": [*ModelOrigin]},
    },
    "Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 0}},
    "WWW-Authenticate": {"description": "How to show a key.", "schema": {"const": "Bearer"}},
    "Allow": {"description": "The methods that the path has.", "schema": {"type": "string"}},
}

# A pattern here would promise that others are refused; they are replaced instead.
REQUEST_ID: Json = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "An id of yours for this request: up to 64 letters, digits and `._-`, else it gets another.",
    "schema": {"type": "string"},
}
