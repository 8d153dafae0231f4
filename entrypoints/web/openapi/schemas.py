"""JSON Schema parts that several operations share."""

from typing import Any

from domain.errors import format_names
from domain.model.prediction_input import MAX_MAGNITUDE

Json = dict[str, Any]

# Features that schemas and examples name: the document of a wider model gives their number alone, and stays small.
MAX_NAMED_FEATURES = 100
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


def by_name(features: tuple[str, ...], value: Json) -> Json:
    """Return the schema of an object with a `value` for each feature; readers must accept other members."""
    if len(features) <= MAX_NAMED_FEATURES:
        return object_of(dict.fromkeys(features, value))
    description = "The names are those that `GET /model` lists."
    return {"type": "object", "minProperties": len(features), "description": description}


def row(features: tuple[str, ...]) -> Json:
    """Return the schema of a row for a model of these features."""
    number, count = reference("Number"), len(features)
    others = False if count <= MAX_NAMED_FEATURES else number
    named = {**by_name(features, number), "title": "values by name", "additionalProperties": others}
    ordered = {
        **list_of(number, minItems=count, maxItems=count),
        "title": "values in the model's order",
        "description": format_names(features),
    }
    return {"anyOf": [*([number] if count == 1 else []), named, ordered]}
