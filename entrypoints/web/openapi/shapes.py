"""The shapes that JSON Schema has names for, in as few words."""

from entrypoints.web.openapi.chapter import Json

# Features that schemas and examples name: the document of a wider model gives their number alone, and stays small.
MAX_NAMED_FEATURES = 100


def list_of(items: Json, **bounds: int) -> Json:
    """Return the schema of a list, of `minItems` and `maxItems` items if these are given."""
    return {"type": "array", "items": items, **bounds}


def object_of(members: dict[str, Json]) -> Json:
    """Return the schema of an object with at least these members: readers must bear more of them."""
    return {"type": "object", "properties": members, "required": list(members)}


def by_name(features: tuple[str, ...], value: Json) -> Json:
    """Return the schema of an object with a `value` for each feature; readers must bear more members."""
    if len(features) <= MAX_NAMED_FEATURES:
        return object_of(dict.fromkeys(features, value))
    description = "The names are those that `GET /model` lists."
    return {"type": "object", "minProperties": len(features), "description": description}


def closed(members: dict[str, Json], *required: str) -> Json:
    """Return the schema of an object with these members and no other, of which some must be there."""
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}
