"""JSON Schema parts that several operations share."""

from typing import Any

from domain.delivery.sync_report import RegistryState
from domain.model.usable_values import MAX_MAGNITUDE

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
NUMBER: Json = {
    "type": "number",
    "minimum": -MAX_MAGNITUDE,
    "maximum": MAX_MAGNITUDE,
    "description": "Finite; strings, booleans and null are not numbers.",
}


def reference(name: str, kind: str = "schemas") -> Json:
    """Return a reference to the component of this name."""
    return {"$ref": f"#/components/{kind}/{name}"}


def list_of(items: Json, **bounds: int) -> Json:
    """Return the schema of a list, of `minItems` and `maxItems` items if these are given."""
    return {"type": "array", "items": items, **bounds}


def object_of(members: dict[str, Json]) -> Json:
    """Return the schema of an object with at least these members: readers must accept others."""
    return {"type": "object", "properties": members, "required": list(members)}


def closed(members: dict[str, Json], *required: str) -> Json:
    """Return the schema of an object with these members only; those in `required` must be present."""
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


REGISTRY: Json = {
    **object_of(
        {
            "state": {"type": "string", "enum": [*RegistryState]},
            "reason": TEXT,
            "seconds": {"type": ["number", "null"], "description": "Since its last response."},
        }
    ),
    "type": ["object", "null"],
}
"""State of the registry, null where the models are kept on the host."""
