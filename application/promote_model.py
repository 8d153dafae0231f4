"""Put a version into production by hand."""

import logging
from dataclasses import dataclass

from domain.history import History
from domain.ports import Clock, ModelStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PromoteModel:
    """Put a version into production because a person says so: no policy is asked, but the model must be sound."""

    store: ModelStore
    clock: Clock

    def __call__(self, version: str) -> History:
        """Return the history with `version` in production.

        Raises
        ------
        ModelNotFound, BrokenModel
            If there is nothing sound to promote.
        PromotionConflict
            If somebody else changed the champion in this moment.
        """
        self.store.load(version)
        history = self.store.promote(version, replacing=self.store.history().champion, at=self.clock())
        log.info("model_promoted", extra={"version": version, "previous": history.previous})
        return history
