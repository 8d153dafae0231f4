"""Column names: unique, short, and without characters that control a terminal or reorder a line."""

import re
from collections import Counter
from collections.abc import Sequence

from domain.data.errors import InvalidData
from domain.errors import format_names

MAX_NAME_CHARACTERS = 500
"""Characters of a feature's or the target's name, at most, because stores, pages and logs repeat it."""

# Characters of a long name that an error message repeats.
MAX_SHOWN_CHARACTERS = 60

# C0, DEL and C1 control characters, line and paragraph separators, and overrides of the writing direction.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def has_control_character(text: str) -> bool:
    """Return whether `text` has a character that a terminal interprets instead of printing it."""
    return _CONTROL.search(text) is not None


def require_unique_names(names: Sequence[str]) -> None:
    """Raise `InvalidData` for the first name that appears twice."""
    for name, count in Counter(names).items():
        if count > 1:
            raise InvalidData(f"column {name!r} appears more than once; rename or remove one of them")


def validate_names(names: Sequence[str]) -> None:
    """Raise `InvalidData` for a name that repeats, has a control character, or is too long."""
    require_unique_names(names)
    for name in names:
        if has_control_character(name):
            raise InvalidData(f"column {name!r} has a control character in its name; rename it")
        if len(name) > MAX_NAME_CHARACTERS:
            shown, length = f"{name[:MAX_SHOWN_CHARACTERS]!r}…", len(name)
            raise InvalidData(f"column {shown} has a name of {length} characters; shorten it to {MAX_NAME_CHARACTERS}")


def require_known_names(wanted: Sequence[str], known: Sequence[str]) -> None:
    """Raise `InvalidData` for the first of the `wanted` names that is not among the `known`."""
    names = frozenset(known)
    for name in wanted:
        if name not in names:
            raise InvalidData(f"no column {name!r}; the columns are {format_names(known)}")
