"""RecordChange: appends a change of champion to the ledger, after it was made."""

import logging
from dataclasses import dataclass

from domain.delivery.ledger import LedgerDraft
from domain.errors import BackendUnavailable
from domain.ports import LedgerStore
from domain.promotion.history import PromotionHistory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordChange:
    """Append the last change of a history to the ledger; a failure does not undo the change."""

    ledger: LedgerStore

    def __call__(self, history: PromotionHistory, actor: str, why: str) -> None:
        """Append an entry, or log that the ledger cannot be written; the next entry adds the change."""
        change = history.changes[-1]
        draft = LedgerDraft(
            at=change.at,
            actor=actor,
            event=change.action,
            version=change.version,
            replaced=change.replaced,
            why=why,
        )
        try:
            self.ledger.append(draft)
        except BackendUnavailable as error:
            log.error("ledger_append_failed", extra={"version": change.version, "why": str(error)})  # noqa: TRY400  # the reason stands for the traceback
