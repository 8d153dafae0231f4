"""How a request proves who it is from."""

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


def requirement(operation: Operation, *, keys_needed: bool) -> list[Json]:
    """Return what `operation` requires: one of the schemes, or nothing."""
    return [{scheme: []} for scheme in SCHEMES] if operation.role and keys_needed else []
