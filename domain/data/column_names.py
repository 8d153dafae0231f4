"""Column names: unique, short, and without characters that control a terminal or reorder a line."""

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from unicodedata import normalize

from domain.data.errors import InvalidData
from domain.data.quoting import has_control_character, quoted, quoted_name
from domain.errors import format_names

MAX_NAME_CHARACTERS = 500
"""Characters of a feature's or the target's name, at most, because stores, pages and logs repeat it."""

# Names that an unknown name is compared with, at most, to find a similar one.
MAX_COMPARED_NAMES = 2000


def clean_text(text: str) -> str:
    """Return a name or a text of a cell as tables have them: without blanks at its ends, in Unicode's form NFC.

    A text of more than 500 characters is neither name nor level, and its NFC could take quadratic time: it is stripped
    only.
    """
    stripped = text.strip()
    return normalize("NFC", stripped) if len(stripped) <= MAX_NAME_CHARACTERS else stripped


def require_unique_names(names: Sequence[str]) -> None:
    """Raise `InvalidData` for the first name that appears twice."""
    for name, count in Counter(names).items():
        if count > 1:
            raise InvalidData(f"column {quoted(name)} appears more than once; rename or remove one of them")


def name_problem(name: str) -> str:
    """Return why a column of this name cannot be used, '' if it can."""
    if not name:
        return "has no name: an index that pandas writes?"
    if has_control_character(name):
        return "has a control character in its name; rename it"
    if len(name) > MAX_NAME_CHARACTERS:
        return f"has a name of {len(name)} characters; shorten it to {MAX_NAME_CHARACTERS}"
    return ""


def validate_names(names: Sequence[str]) -> None:
    """Raise `InvalidData` for a name that repeats, is empty, has a control character, or is too long."""
    require_unique_names(names)
    for name in names:
        if problem := name_problem(name):
            raise InvalidData(f"column {quoted(name)} {problem}")


def require_known_names(wanted: Sequence[str], known: Sequence[str]) -> None:
    """Raise `InvalidData` for the first of the `wanted` names that is not among the `known`."""
    names = frozenset(known)
    for name in wanted:
        if name not in names:
            similar = _similar_name(name, known)
            hint = f"did you mean {quoted_name(similar)}? The" if similar else "the"
            raise InvalidData(
                f"no column {quoted_name(name)}; {hint} columns are {format_names([*map(quoted_name, known)])}"
            )


def _similar_name(name: str, known: Sequence[str]) -> str | None:
    by_letters = {other.casefold(): other for other in known[:MAX_COMPARED_NAMES] if len(other) <= MAX_NAME_CHARACTERS}
    close = get_close_matches(name[:MAX_NAME_CHARACTERS].casefold(), by_letters, 1)
    return by_letters[close[0]] if close else None
