"""ObeyOrder: promotes a version or rolls back at the order of an operator of the console."""

import logging
from dataclasses import dataclass

from application.promotion.promote_model import PromoteModel
from application.promotion.roll_back import RollBack
from domain.delivery.errors import OrderRefused
from domain.delivery.ledger import LedgerDraft
from domain.delivery.order import AnsweredOrder, Order, OrderAction
from domain.errors import StoreRefusal
from domain.model.errors import CorruptModel
from domain.ports import ChangeRecorder, Clock, LedgerStore, ModelStore
from domain.promotion.history import PromotionHistory

log = logging.getLogger(__name__)

# So that the entry has room for the id of the order.
MAX_REASON_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class ObeyOrder:
    """Carry out an order about the champion once, if the champion is still the one that the operator saw.

    The ledger keeps the id of the order, so that a controller that was restarted does not repeat it; from the ledger, a
    serving host also reads why an order was refused.
    """

    store: ModelStore
    clock: Clock
    record: ChangeRecorder
    ledger: LedgerStore

    def __call__(self, order: Order) -> None:
        """Change the champion, or record why not; `StoreUnavailable` is raised, and the order may be tried again."""
        if self._is_recorded(order):
            return
        try:
            history = self._changed(order)
        except StoreRefusal as error:
            log.warning("order_refused", extra={"order": order.id, "action": str(order.action), "why": str(error)})
            self._record_refusal(order, _reason(error))
            return
        log.info("order_obeyed", extra={"order": order.id, "action": str(order.action), "version": history.champion})

    def _changed(self, order: Order) -> PromotionHistory:
        why = f"{order.why or 'no reason given'} {order.mark}"
        if order.action is OrderAction.PROMOTE:
            promote = PromoteModel(self.store, self.clock, self.record, order.by)
            return promote(order.version, why, seen=order.champion)
        previous = self.store.history().previous
        if previous and order.version != previous:
            raise OrderRefused(f"a rollback returns to version {previous}, and not to version {order.version}")
        return RollBack(self.store, self.clock, self.record, order.by)(why, seen=order.champion)

    def _record_refusal(self, order: Order, reason: str) -> None:
        """Append an entry, unless another controller has carried the order out or refused it at the same time."""
        champion = self.store.history().champion
        if champion == order.version or self._is_recorded(order):
            return
        draft = LedgerDraft(
            at=self.clock(),
            actor=order.by,
            event="refused",
            version=champion or "",
            replaced=champion,
            challenger=order.version,
            verdicts={"orders": [AnsweredOrder(order, reason).to_values()]},
            why=f"{reason} {order.mark}",
        )
        self.ledger.append(draft)

    def _is_recorded(self, order: Order) -> bool:
        return any(order.mark in entry.why for entry in self.ledger.entries())


def _reason(error: StoreRefusal) -> str:
    """Return why an order is refused, for people; what a library found in a corrupt version is in the log alone."""
    if isinstance(error, CorruptModel):
        return f"version {error.version} cannot be used: the log of `endeavour rollout run` has the reason"
    return str(error)[:MAX_REASON_CHARACTERS]
