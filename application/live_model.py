"""The model that answers requests at this moment."""

from domain.errors import NoModel
from domain.snapshot import Snapshot


class LiveModel:
    """One reference to one immutable snapshot; replacing it is a single assignment, so no request sees half of it."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether there is anything to answer with."""
        return self._snapshot is not None

    @property
    def snapshot(self) -> Snapshot:
        """What to answer with now; raises `NoModel` before anything was loaded."""
        if self._snapshot is None:
            raise NoModel
        return self._snapshot

    def replace(self, snapshot: Snapshot) -> bool:
        """Serve `snapshot` from now on; return whether that changes anything."""
        changed = snapshot != self._snapshot
        self._snapshot = snapshot
        return changed
