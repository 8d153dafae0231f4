"""Current model: the model that a worker predicts with now."""

from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ServedModel


class CurrentModel:
    """One reference to one immutable snapshot; replacing it is a single assignment, so no request sees half of it."""

    def __init__(self) -> None:
        self._snapshot: ServedModel | None = None
        self._why = "this worker has not looked for one yet"

    @property
    def is_loaded(self) -> bool:
        """Whether there is a model to answer with."""
        return self._snapshot is not None

    @property
    def snapshot(self) -> ServedModel:
        """The model to answer with now; raises `NoModelLoaded` with the reason if there is none."""
        snapshot = self._snapshot
        if snapshot is None:
            raise NoModelLoaded(self._why)
        return snapshot

    def replace(self, snapshot: ServedModel) -> bool:
        """Serve `snapshot` from now on; return whether that changes anything."""
        changed = snapshot != self._snapshot
        self._snapshot = snapshot
        return changed

    def withdraw(self, why: str) -> bool:
        """Serve no model from now on because of `why`; return whether the model or the reason changes."""
        changed = self._snapshot is not None or why != self._why
        self._why, self._snapshot = why, None  # in this order: a reader without a model finds the new reason
        return changed
