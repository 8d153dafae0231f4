"""ObeyOrder: promotes a version or rolls back at the order of an operator of the console."""

import logging
from dataclasses import dataclass

from application.promotion.promote_model import PromoteModel
from application.promotion.roll_back import RollBack
from domain.delivery.errors import OrderRefused
from domain.delivery.order import Order, OrderAction
from domain.errors import StoreRefusal
from domain.ports import ChangeRecorder, Clock, LedgerStore, ModelStore
from domain.promotion.history import PromotionHistory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ObeyOrder:
    """Carry out an order about the champion once, if the champion is still the one that the operator saw.

    The ledger keeps the id of the order, so that a controller that was restarted does not repeat it.
    """

    store: ModelStore
    clock: Clock
    record: ChangeRecorder
    ledger: LedgerStore

    def __call__(self, order: Order) -> None:
        """Change the champion, or log why not; `StoreUnavailable` is raised, and the order may be tried again."""
        if any(_mark(order) in entry.why for entry in self.ledger.entries()):
            return
        try:
            history = self._changed(order)
        except StoreRefusal as error:
            log.warning("order_refused", extra={"order": order.id, "action": str(order.action), "why": str(error)})
            return
        log.info("order_obeyed", extra={"order": order.id, "action": str(order.action), "version": history.champion})

    def _changed(self, order: Order) -> PromotionHistory:
        why = f"{order.why or 'no reason given'} {_mark(order)}"
        if order.action is OrderAction.PROMOTE:
            promote = PromoteModel(self.store, self.clock, self.record, order.by)
            return promote(order.version, why, seen=order.champion)
        previous = self.store.history().previous
        if order.version != previous:
            raise OrderRefused(f"a rollback returns to version {previous}, and not to version {order.version}")
        return RollBack(self.store, self.clock, self.record, order.by)(why, seen=order.champion)


def _mark(order: Order) -> str:
    return f"(order {order.id})"
