"""Bring the live model up to date with what this host knows of the champion."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from application.live_model import LiveModel
from domain.errors import BackendUnavailable, BrokenModel
from domain.feature_change import FeatureChange
from domain.model_version import ModelVersion
from domain.snapshot import Snapshot, Source

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RefreshLiveModel:
    """Serve the champion as it is known here, or what is bundled where none has ever been known; without that, wait.

    `latest` returns the champion as this host knows it, None if it has never known one, or raises
    `BackendUnavailable` or `BrokenModel`. Only a confirmed champion replaces one that is served already: what is in
    memory is worth more than a copy that nobody vouches for. Only changes are logged: this runs every second.
    """

    latest: Callable[[], Snapshot | None]
    bundled: ModelVersion | None
    live: LiveModel
    _waits: bool = field(default=False, init=False)

    def __call__(self) -> None:
        """Replace the live snapshot if anything about it has changed."""
        snapshot, why = self._best()
        if snapshot is None:
            self._wait(why)
        else:
            self._serve(snapshot, why)

    def _wait(self, why: str) -> None:
        if not self._waits:
            log.warning("no_model", extra={"why": why})
        self._waits = True

    def _serve(self, snapshot: Snapshot, why: str) -> None:
        before = self.live.snapshot if self.live.is_loaded else snapshot
        if self.live.replace(snapshot):
            self._tell_of_features(before, snapshot)
            facts = {"version": snapshot.version.name, "source": str(snapshot.source), "why": why}
            log.log(logging.WARNING if why else logging.INFO, "serving", extra=facts)

    @staticmethod
    def _tell_of_features(before: Snapshot, now: Snapshot) -> None:
        """Warn if clients must send other features than a moment ago; what is bundled promised them nothing."""
        features = now.version.model.feature_names
        change = FeatureChange.between(before.version.model.feature_names, features)
        if change and before.source is not Source.BUNDLED:
            facts = {"version": now.version.name, "features": len(features), "how": str(change)}
            log.warning("features_changed", extra=facts)

    def _best(self) -> tuple[Snapshot | None, str]:
        try:
            known = self.latest()
        except (BackendUnavailable, BrokenModel) as error:
            return self._kept(None), str(error)
        if known and known.source is Source.REGISTRY:
            return known, ""
        why = "nothing confirms that this is the champion" if known else "no champion is known here"
        return self._kept(known), why

    def _kept(self, known: Snapshot | None) -> Snapshot | None:
        """Return what is served already, no longer confirmed; else the unconfirmed copy; else what is bundled."""
        if self.live.is_loaded and self.live.snapshot.source is not Source.BUNDLED:
            return Snapshot(self.live.snapshot.version, Source.CACHE)
        return known or (Snapshot(self.bundled, Source.BUNDLED) if self.bundled else None)
