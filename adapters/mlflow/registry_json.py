"""Registry JSON: reads members of MLflow's answers, each of which may be anything."""

import json
from collections.abc import Mapping
from typing import Any

from adapters.mlflow.names import MAX_QUOTED_CHARACTERS


def json_object(body: bytes) -> dict[str, Any]:
    """Return the object in the body, an empty one if that is no object of JSON."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def tag(named: Mapping[str, Any], key: str) -> str | None:
    """Return the value of a version's tag, None if it has no such tag."""
    values = [tag.get("value") for tag in dicts(named.get("tags")) if tag.get("key") == key]
    return values[0] if values and isinstance(values[0], str) else None


def short_tag(named: Mapping[str, Any], key: str) -> str | None:
    """Return the value of a version's tag, shortened so that a message may quote it."""
    text = tag(named, key)
    return text and text[:MAX_QUOTED_CHARACTERS]


def dicts(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list, none if `value` is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
