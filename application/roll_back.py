"""Put the previous version into production again."""

import logging
from dataclasses import dataclass

from domain.history import History
from domain.ports import Clock, ModelStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RollBack:
    """Return to the version that was in production before the present one."""

    store: ModelStore
    clock: Clock

    def __call__(self) -> History:
        """Return the history with the previous version in production, or raise `NothingToRollBackTo`."""
        history = self.store.rollback(at=self.clock())
        log.info("model_rolled_back", extra={"version": history.champion})
        return history
