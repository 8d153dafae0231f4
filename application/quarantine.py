"""A version that was refused, and for how long it is not fetched again."""

from domain.errors import BrokenModel
from domain.nomination import Nomination

MINUTES = 10


class Quarantine:
    """Room for one nomination: naming another, or the same version with another digest, ends it at once."""

    def __init__(self) -> None:
        self._refused: tuple[Nomination, BrokenModel] | None = None
        self._until = 0.0

    def put(self, nomination: Nomination, error: BrokenModel, *, now: float) -> BrokenModel:
        """Keep `nomination` from being fetched for some minutes; return what to say meanwhile."""
        why = f"{error.why}; it is not fetched again for {MINUTES} minutes, unless the registry names another"
        self._refused = nomination, BrokenModel(error.version, why)
        self._until = now + 60 * MINUTES
        return self._refused[1]

    def check(self, nomination: Nomination, *, now: float) -> None:
        """Raise what `put` returned if this very nomination is still held here."""
        if self._refused and self._refused[0] == nomination and now < self._until:
            raise self._refused[1]
        self._refused = None
