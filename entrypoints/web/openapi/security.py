"""How a request proves who it is from."""

from domain.api_key import Role
from entrypoints.web.authentication import roles_for
from entrypoints.web.openapi.chapter import Json, Operation

SCHEMES: dict[str, Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The key, as `endeavour keys add` printed it."},
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key, in a header of its own.",
    },
}


def roles(operation: Operation) -> frozenset[Role] | None:
    """Return the roles of which a key must have one, None if no key is needed."""
    return roles_for(operation.path.replace("{", "<").replace("}", ">"))


def requirement(operation: Operation) -> list[Json]:
    """Return what `operation` requires where there are keys: one of the schemes, or nothing."""
    return [{scheme: []} for scheme in SCHEMES] if roles(operation) else []
