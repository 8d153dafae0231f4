"""How the features of one model differ from those of the model before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from domain.errors import listed


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """The features that are `gone` and those that are `new`, each sorted by name.

    Clients send lists by position and records by name, so the same names in another order are a change too: one in
    which nothing is gone and nothing new.

    Examples
    --------
    >>> str(FeatureChange.between(("area", "age"), ("area", "rooms", "floor")))
    'gone: age; new: floor, rooms'
    >>> str(FeatureChange.between(("area", "age"), ("age", "area")))
    'the same in another order'
    """

    gone: tuple[str, ...]
    new: tuple[str, ...]

    @classmethod
    def between(cls, before: Sequence[str], after: Sequence[str]) -> Self | None:
        """Return how `after` differs from `before`, None if clients may send what they have always sent."""
        if tuple(before) == tuple(after):
            return None
        return cls(tuple(sorted({*before} - {*after})), tuple(sorted({*after} - {*before})))

    def __str__(self) -> str:
        parts = (("gone", self.gone), ("new", self.new))
        return "; ".join(f"{word}: {listed(names)}" for word, names in parts if names) or "the same in another order"
