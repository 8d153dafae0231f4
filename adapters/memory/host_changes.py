"""Changes of a host in memory."""

from domain.monitoring.change import MAX_CHANGES, Change
from domain.ports import HostChanges


class InMemoryHostChanges(HostChanges):
    """Keeps the last changes."""

    def __init__(self) -> None:
        self._changes: tuple[Change, ...] = ()

    def add(self, change: Change) -> None:
        """Keep the change."""
        self._changes = (*self._changes, change)[-MAX_CHANGES:]

    def read(self) -> tuple[Change, ...]:
        """Return the changes."""
        return self._changes
