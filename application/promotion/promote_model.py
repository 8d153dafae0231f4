"""PromoteModel: puts a version into production at an operator's command."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from domain.data.columns import Kind
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.feature_change import feature_change
from domain.ports import ChangeRecorder, Clock, ModelStore
from domain.promotion.errors import FeatureChangeNotApproved, PromotionConflict
from domain.promotion.history import PromotionHistory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PromoteModel:
    """Put a sound version into production, without the promotion policy.

    The operator must approve features that differ from the champion's.
    """

    store: ModelStore
    clock: Clock
    record: ChangeRecorder
    actor: str

    def __call__(
        self, version: str, why: str, *, feature_change_approved: bool = False, seen: str = ""
    ) -> PromotionHistory:
        """Return the history with `version` in production, after the ledger has recorded `why`.

        An operator who has `seen` another version in production is refused.

        Raises
        ------
        ModelNotFound, CorruptModel
            If the version is missing or corrupt.
        FeatureChangeNotApproved
            If its features differ from the champion's, without `feature_change_approved`.
        PromotionConflict
            If another process changed the champion at the same time, or since the operator looked.
        """
        promoted, before = self.store.load(version), self.store.history()
        if seen and seen != before.champion:
            raise PromotionConflict(seen, before.champion)
        known = self._features(before.champion)
        change = known and feature_change(known, promoted.model.encoding.kinds)
        if change and not feature_change_approved:
            raise FeatureChangeNotApproved(version, str(before.champion), change)
        # A successor with the same features inherits the approval.
        approved = feature_change_approved or (known is not None and before.feature_change_approved)
        history = self.store.promote(
            version, replacing=before.champion, at=self.clock(), feature_change_approved=approved
        )
        if history.changes != before.changes:
            self.record(history, self.actor, f"{why}; approved: {change}" if change else why)
        log.info("model_promoted", extra={"version": version, "previous": history.previous})
        return history

    def _features(self, champion: str | None) -> Mapping[str, Kind] | None:
        """Return the features that clients send now, None if there is no readable champion."""
        try:
            return self.store.load(champion).model.encoding.kinds if champion else None
        except (CorruptModel, ModelNotFound):
            return None
