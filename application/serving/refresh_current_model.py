"""RefreshCurrentModel: replaces the current model by the champion of this host."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from application.serving.current_model import CurrentModel
from application.serving.log_rollout import log_rollout
from domain.delivery.errors import NoModelLoaded
from domain.delivery.routing import Routing
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.errors import BackendUnavailable
from domain.model.errors import CorruptModel
from domain.model.feature_change import feature_change
from domain.model.model_version import ModelVersion

log = logging.getLogger(__name__)

NONE_KNOWN = "no champion is known here yet; `endeavour doctor` finds the cause"
UNCONFIRMED = "the registry has not confirmed this champion"


@dataclass(slots=True)
class RefreshCurrentModel:
    """Serve the champion that this host has, or the bundled model if it has never had one.

    Only a confirmed champion replaces a served one, which is preferred to an unconfirmed copy. A host whose champion
    cannot be read is not ready, because the bundled model predicts another target. Only changes are logged, because
    this runs every half second.

    Parameters
    ----------
    resolve_champion : callable
        Returns the champion of this host, None if it has never had one, or raises `BackendUnavailable`,
        `CorruptModel` or `NoModelLoaded`.
    bundled : ModelVersion or None
        The model that ships with the program; None if this host must not answer with it.
    current : CurrentModel
    is_stopped : callable
        Returns whether a client of this host has aborted the rollout with an id; all requests then go to the champion.
    """

    resolve_champion: Callable[[], ServedModels | None]
    bundled: ModelVersion | None
    current: CurrentModel
    is_stopped: Callable[[str], bool] = lambda _: False

    def __call__(self) -> None:
        """Replace or withdraw the current models if they have changed."""
        before = self.current.models if self.current.is_loaded else None
        known, why = self.resolve()
        if why and before and before.champion.origin is not ModelOrigin.BUNDLED:
            known = _unconfirmed(before.champion, known)
        if known is None:
            if self.current.withdraw(why):
                log.warning("no_model", extra={"why": why})
        elif self.current.replace(known):
            _log_features(before.champion if before else None, known.champion)
            facts = {"version": known.champion.version.name, "source": str(known.champion.origin), "why": why}
            # A copy is served at the start, until the registry sync reports or logs why it cannot.
            starts = before is None and known.champion.origin is ModelOrigin.CACHE
            log.log(logging.WARNING if why and not starts else logging.INFO, "serving", extra=facts)
        log_rollout(before, known)

    def resolve(self) -> tuple[ServedModels | None, str]:
        """Return what this host can serve at its start, and why that is not a confirmed champion."""
        try:
            known = self.resolve_champion()
        except (BackendUnavailable, CorruptModel, NoModelLoaded) as error:
            return None, error.why if isinstance(error, NoModelLoaded) else str(error)
        if known is None:
            bundled = ServedModels(ServedModel(self.bundled, ModelOrigin.BUNDLED)) if self.bundled else None
            return bundled, NONE_KNOWN
        return self._without_stopped(known), "" if known.champion.origin is ModelOrigin.REGISTRY else UNCONFIRMED

    def _without_stopped(self, known: ServedModels) -> ServedModels:
        served = known.rollout
        if served is None or not self.is_stopped(served.rollout.id):
            return known
        return replace(known, rollout=replace(served, routing=Routing(served.rollout.salt, 0)))


def _unconfirmed(served: ServedModel, known: ServedModels | None) -> ServedModels:
    """Return the champion that is served already, as a copy; the rollout goes on only if it is that champion's."""
    champion = ServedModel(served.version, ModelOrigin.CACHE)
    if known and known.champion.version.name == served.version.name:
        return replace(known, champion=champion)
    return ServedModels(champion)


def _log_features(before: ServedModel | None, now: ServedModel) -> None:
    """Log a warning if clients must send other features than before; those of the bundled model do not count."""
    if before is None or before.origin is ModelOrigin.BUNDLED:
        return
    features = now.version.model.encoding.kinds
    if change := feature_change(before.version.model.encoding.kinds, features):
        facts = {"version": now.version.name, "features": len(features), "how": change}
        log.warning("features_changed", extra=facts)
