"""Plain values: dicts, lists, texts and numbers of a stored record, each validated as it is read.

Error messages never contain a rejected value, because it may be huge or refer to itself.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.data.column_names import MAX_NAME_CHARACTERS
from domain.data.quoting import has_control_character


def require_fields(record: object, *names: str, optional: tuple[str, ...] = ()) -> Mapping[str, object]:
    """Return `record` if it is a dict with the keys `names` and, else, `optional` ones only, or raise `ValueError`."""
    if not isinstance(record, dict) or not set(names) <= set(record) <= {*names, *optional}:
        raise ValueError(f"expected exactly {', '.join(names)}")
    return record


def require_mapping(value: object) -> Mapping[Any, Any]:
    """Return `value` if it is a dict, else raise `ValueError`."""
    if not isinstance(value, dict):
        raise ValueError(f"expected a mapping, got {type(value).__name__}")
    return value


def require_list(value: object) -> list[object]:
    """Return `value` if it is a list, else raise `ValueError`."""
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {type(value).__name__}")
    return value


def require_numbers(value: object) -> list[float]:
    """Return `value` if it is a list of finite numbers, as floats, else raise `ValueError`."""
    return list(map(require_number, require_list(value)))


def require_text(value: object) -> str:
    """Return `value` if it is a short text without control characters, else raise `ValueError`."""
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {type(value).__name__}")
    if has_control_character(value):
        raise ValueError("a text has a control character")
    if len(value) > MAX_NAME_CHARACTERS:
        raise ValueError(f"a text has {len(value)} characters; at most {MAX_NAME_CHARACTERS} are allowed")
    return value


def require_number(value: object) -> float:
    """Return `value` if it is a finite number, as a float, else raise `ValueError`."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"expected a number, got {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError:  # of an integer with hundreds of digits
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("expected a finite number")
    return number


def require_count(value: object) -> int:
    """Return `value` if it is a whole number, else raise `ValueError`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"expected a count, got {type(value).__name__}")
    return int(require_number(value))


def require_moment(value: object) -> datetime:
    """Return `value` as a time in UTC if it is a text of ISO 8601 with a zone, else raise `ValueError`."""
    at = datetime.fromisoformat(require_text(value))
    if at.tzinfo is None:
        raise ValueError("a time has no zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time is before the year 1 or after 9999") from error


def require_flag(value: object) -> bool:
    """Return `value` if it is true or false, else raise `ValueError`."""
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {type(value).__name__}")
    return value
