"""Bring the live model up to date with what this host knows of the champion."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from application.live_model import LiveModel
from domain.errors import BackendUnavailable, BrokenModel
from domain.model_version import ModelVersion
from domain.snapshot import Snapshot, Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefreshLiveModel:
    """Serve the champion as it is known here; keep what is served if that cannot be read; else what is bundled.

    `latest` returns the champion as this host knows it, None if it has never known one, or raises
    `BackendUnavailable` or `BrokenModel`. Only changes are logged: this runs every second.
    """

    latest: Callable[[], Snapshot | None]
    bundled: ModelVersion
    live: LiveModel

    def __call__(self) -> None:
        """Replace the live snapshot if anything about it has changed."""
        snapshot, why = self._best()
        if self.live.replace(snapshot):
            facts = {"version": snapshot.version.name, "source": str(snapshot.source), "why": why}
            log.log(logging.WARNING if why else logging.INFO, "serving", extra=facts)

    def _best(self) -> tuple[Snapshot, str]:
        try:
            snapshot = self.latest()
        except (BackendUnavailable, BrokenModel) as error:
            return self._fallback(), str(error)
        return (snapshot, "") if snapshot else (Snapshot(self.bundled, Source.BUNDLED), "no champion is known here")

    def _fallback(self) -> Snapshot:
        """Return what is served already, no longer confirmed, or what is bundled."""
        if not self.live.is_loaded or self.live.snapshot.source is Source.BUNDLED:
            return Snapshot(self.bundled, Source.BUNDLED)
        return Snapshot(self.live.snapshot.version, Source.CACHE)
