"""The shapes that JSON Schema has names for, in as few words."""

from entrypoints.web.openapi.chapter import Json


def list_of(items: Json, **bounds: int) -> Json:
    """Return the schema of a list, of `minItems` and `maxItems` items if these are given."""
    return {"type": "array", "items": items, **bounds}


def object_of(members: dict[str, Json]) -> Json:
    """Return the schema of an object with at least these members: readers must bear more of them."""
    return {"type": "object", "properties": members, "required": list(members)}


def closed(members: dict[str, Json], *required: str) -> Json:
    """Return the schema of an object with these members and no other, of which some must be there."""
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}
