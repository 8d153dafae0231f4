"""What the names of columns must be."""

from collections import Counter
from collections.abc import Sequence

from domain.errors import DuplicateColumn, UnknownColumn


def refuse_repeated(names: Sequence[str]) -> None:
    """Raise `DuplicateColumn` for the first name that appears twice."""
    for name, count in Counter(names).items():
        if count > 1:
            raise DuplicateColumn(name)


def refuse_unknown(wanted: Sequence[str], known: Sequence[str]) -> None:
    """Raise `UnknownColumn` for the first of the `wanted` names that is not known."""
    names = frozenset(known)
    for name in wanted:
        if name not in names:
            raise UnknownColumn(name, known)
