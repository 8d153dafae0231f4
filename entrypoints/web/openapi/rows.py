"""What a row may be, as JSON Schema, and how that is found in the forms that validate requests."""

from typing import Any

from domain.design_matrix import LARGEST
from domain.errors import listed
from entrypoints.web.forms import ManyRows, OneRow
from entrypoints.web.openapi.chapter import Json
from entrypoints.web.openapi.shapes import MAX_NAMED_FEATURES, by_name

NUMBER: Json = {
    "type": "number",
    "minimum": -LARGEST,
    "maximum": LARGEST,
    "description": "Finite; a string, a boolean or null is no number.",
}


def reference(name: str) -> Json:
    """Return a reference to the schema of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def row(features: tuple[str, ...]) -> Json:
    """Return the schema of a row for a model of these features."""
    number, count = reference("Number"), len(features)
    others = False if count <= MAX_NAMED_FEATURES else number
    named = {**by_name(features, number), "title": "values by name", "additionalProperties": others}
    ordered = {
        "type": "array",
        "title": "values in the model's order",
        "description": listed(features),
        "items": number,
        "minItems": count,
        "maxItems": count,
    }
    return {"anyOf": [*([number] if count == 1 else []), named, ordered]}


def of_field(_converter: object, field: object, **_: Any) -> Json:
    """Return what the fields of our forms take; `MarshmallowPlugin` asks this about every field."""
    if isinstance(field, OneRow):
        return reference("Row")
    if isinstance(field, ManyRows):
        return {"type": "array", "items": reference("Row"), "maxItems": field.most}
    return {}
