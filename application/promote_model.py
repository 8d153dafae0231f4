"""Put a version into production by hand."""

import logging
from dataclasses import dataclass

from domain.errors import BrokenModel, FeaturesChanged, ModelNotFound
from domain.feature_change import FeatureChange
from domain.history import History
from domain.ports import Clock, ModelStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PromoteModel:
    """Put a version into production because a person says so: no policy is asked, but the model must be sound.

    That clients will have to send other features than the champion's is for the person to say as well.
    """

    store: ModelStore
    clock: Clock

    def __call__(self, version: str, *, features_may_change: bool = False) -> History:
        """Return the history with `version` in production.

        Raises
        ------
        ModelNotFound, BrokenModel
            If there is nothing sound to promote.
        FeaturesChanged
            If its features are not those of the champion, and nothing was said.
        PromotionConflict
            If somebody else changed the champion in this moment.
        """
        promoted, before = self.store.load(version), self.store.history()
        known = self._features(before.champion)
        change = known and FeatureChange.between(known, promoted.model.feature_names)
        if change and not features_may_change:
            raise FeaturesChanged(version, str(before.champion), str(change))
        # What was said of the champion's features holds for a successor that takes the same.
        said = features_may_change or (known is not None and before.features_may_change)
        history = self.store.promote(version, replacing=before.champion, at=self.clock(), features_may_change=said)
        log.info("model_promoted", extra={"version": version, "previous": history.previous})
        return history

    def _features(self, champion: str | None) -> tuple[str, ...] | None:
        """Return what clients send now, None if the champion does not tell: servers compare with what they serve."""
        try:
            return self.store.load(champion).model.feature_names if champion else None
        except (BrokenModel, ModelNotFound):
            return None
