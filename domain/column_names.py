"""What the names of columns must be."""

from collections import Counter
from collections.abc import Sequence

from domain.errors import DuplicateColumn


def refuse_repeated(names: Sequence[str]) -> None:
    """Raise `DuplicateColumn` for the first name that appears twice."""
    for name, count in Counter(names).items():
        if count > 1:
            raise DuplicateColumn(name)
