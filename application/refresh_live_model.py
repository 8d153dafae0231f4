"""Bring the live model up to date with what this host knows of the champion."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from application.live_model import LiveModel
from domain.errors import BackendUnavailable, BrokenModel, NoModel
from domain.feature_change import feature_change
from domain.model_version import ModelVersion
from domain.snapshot import Snapshot, Source

log = logging.getLogger(__name__)

NONE_KNOWN = "no champion is known here yet; `endeavour doctor` says why"


@dataclass(slots=True)
class RefreshLiveModel:
    """Serve the champion that this host knows, or the bundled model where no champion was ever known.

    Only a confirmed champion replaces a served one: a model in memory is worth more than an unconfirmed copy. Where a
    champion was known and cannot be read, the host is not ready, because the bundled model predicts something else.
    Only changes are logged, because this runs every half second.

    Parameters
    ----------
    latest : callable
        Returns the champion that this host knows, None if it has never known one, or raises `BackendUnavailable`,
        `BrokenModel` or `NoModel`.
    bundled : ModelVersion or None
        The model that ships with the program; None if this host must not answer with it.
    live : LiveModel
    """

    latest: Callable[[], Snapshot | None]
    bundled: ModelVersion | None
    live: LiveModel

    def __call__(self) -> None:
        """Replace or withdraw the live snapshot if anything about it has changed."""
        snapshot, why = self.chosen()
        if snapshot:
            self._serve(snapshot, why)
        elif self.live.withdraw(why):
            log.warning("no_model", extra={"why": why})

    def chosen(self) -> tuple[Snapshot | None, str]:
        """Return the model to serve, None if there is none, and why it is not a confirmed champion."""
        try:
            known = self.latest()
        except NoModel as error:
            return self._unconfirmed(None), error.why
        except (BackendUnavailable, BrokenModel) as error:
            return self._unconfirmed(None), str(error)
        if known is None:
            return self._unconfirmed(Snapshot(self.bundled, Source.BUNDLED) if self.bundled else None), NONE_KNOWN
        if known.source is Source.REGISTRY:
            return known, ""
        return self._unconfirmed(known), "nothing confirms that this is the champion"

    def _serve(self, snapshot: Snapshot, why: str) -> None:
        before = self.live.snapshot if self.live.is_loaded else snapshot
        if self.live.replace(snapshot):
            self._tell_of_features(before, snapshot)
            facts = {"version": snapshot.version.name, "source": str(snapshot.source), "why": why}
            log.log(logging.WARNING if why else logging.INFO, "serving", extra=facts)

    @staticmethod
    def _tell_of_features(before: Snapshot, now: Snapshot) -> None:
        """Log a warning if clients must send other features than before; those of the bundled model do not count."""
        features = now.version.model.feature_names
        change = feature_change(before.version.model.feature_names, features)
        if change and before.source is not Source.BUNDLED:
            facts = {"version": now.version.name, "features": len(features), "how": change}
            log.warning("features_changed", extra=facts)

    def _unconfirmed(self, otherwise: Snapshot | None) -> Snapshot | None:
        """Return the champion that is served already, no longer confirmed, or `otherwise`."""
        if self.live.is_loaded and self.live.snapshot.source is not Source.BUNDLED:
            return Snapshot(self.live.snapshot.version, Source.CACHE)
        return otherwise
