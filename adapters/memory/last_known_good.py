"""A copy of the champion that is gone when the process is."""

from datetime import datetime, timedelta

from domain.model_version import ModelVersion
from domain.ports import LastKnownGood
from domain.snapshot import Snapshot, Source


class MemoryLastKnownGood(LastKnownGood):
    """Keeps the copy; it counts as confirmed for `confirmed_for` seconds after the registry was last heard."""

    def __init__(self, confirmed_for: float) -> None:
        self._confirmed_for = timedelta(seconds=confirmed_for)
        self._champion: ModelVersion | None = None
        self._confirmed_at: datetime | None = None

    def keep(self, champion: ModelVersion) -> None:
        """Replace the copy."""
        self._champion = champion

    def note(self, *, heard_at: datetime, problem: str | None) -> None:
        """Keep the time if all was well."""
        self._confirmed_at = None if problem else heard_at

    def snapshot(self, *, now: datetime) -> Snapshot | None:
        """Return the copy and its source."""
        if self._champion is None:
            return None
        confirmed = self._confirmed_at is not None and now - self._confirmed_at <= self._confirmed_for
        return Snapshot(self._champion, Source.REGISTRY if confirmed else Source.CACHE)
