"""RollBack: returns to the version that was in production before the present one."""

import logging
from dataclasses import dataclass

from domain.ports import ChangeRecorder, Clock, ModelStore
from domain.promotion.history import PromotionHistory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RollBack:
    """Put the previous version into production again; its features may differ from the champion's."""

    store: ModelStore
    clock: Clock
    record: ChangeRecorder
    actor: str

    def __call__(self, why: str, *, seen: str | None = None) -> PromotionHistory:
        """Return the history with the previous version in production, after the ledger has recorded `why`.

        Raises
        ------
        NoPreviousVersion
            If there is no version to return to.
        PromotionConflict
            If the champion is another version than an operator has `seen`.
        """
        history = self.store.rollback(at=self.clock(), replacing=seen)
        self.record(history, self.actor, why)
        log.info("model_rolled_back", extra={"version": history.champion})
        return history
