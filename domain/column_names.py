"""Column names: unique, short, and without characters that steer a terminal or reorder a line."""

import re
from collections import Counter
from collections.abc import Sequence

from domain.errors import DuplicateColumn, LongColumn, UnknownColumn, UnprintableColumn

MAX_NAME_CHARACTERS = 500
"""Characters of a feature's or the target's name, at most: stores, pages and logs repeat it."""

# C0, DEL and C1 control characters, line and paragraph separators, and overrides of the writing direction.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def steers(text: str) -> bool:
    """Return whether a terminal or a log would do something else with `text` than print it."""
    return _STEERING.search(text) is not None


def refuse_repeated(names: Sequence[str]) -> None:
    """Raise `DuplicateColumn` for the first name that appears twice."""
    for name, count in Counter(names).items():
        if count > 1:
            raise DuplicateColumn(name)


def refuse_unusable_names(names: Sequence[str]) -> None:
    """Refuse the names of features and target that a model cannot carry.

    Raises
    ------
    DuplicateColumn
        If a name appears twice.
    UnprintableColumn
        If a name steers a terminal.
    LongColumn
        If a name is longer than `MAX_NAME_CHARACTERS`.
    """
    refuse_repeated(names)
    for name in names:
        if steers(name):
            raise UnprintableColumn(name)
        if len(name) > MAX_NAME_CHARACTERS:
            raise LongColumn(name, MAX_NAME_CHARACTERS)


def refuse_unknown(wanted: Sequence[str], known: Sequence[str]) -> None:
    """Raise `UnknownColumn` for the first of the `wanted` names that is not known."""
    names = frozenset(known)
    for name in wanted:
        if name not in names:
            raise UnknownColumn(name, known)
