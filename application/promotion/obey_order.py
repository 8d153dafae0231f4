"""ObeyOrder: promotes a version or rolls back at the order of an operator of the console."""

import logging
from dataclasses import dataclass

from application.promotion.promote_model import PromoteModel
from application.promotion.roll_back import RollBack
from domain.data.short_text import short_plain_text, short_text
from domain.delivery.errors import OrderRefused
from domain.delivery.ledger import MAX_TEXT_CHARACTERS, LedgerDraft
from domain.delivery.ledger_history import missing_changes
from domain.delivery.order import AnsweredOrder, Order, OrderAction
from domain.delivery.order_answers import order_answers
from domain.errors import StoreRefusal
from domain.model.errors import CorruptModel
from domain.ports import ChangeRecorder, Clock, LedgerStore, ModelStore
from domain.promotion.history import PromotionHistory

log = logging.getLogger(__name__)

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
        if self._is_answered(order):
            return
        try:
            history = self._changed(order)
        except StoreRefusal as error:
            self._refuse(order, error)
            return
        log.info("order_obeyed", extra={"order": order.id, "action": str(order.action), "version": history.champion})

    def _changed(self, order: Order) -> PromotionHistory:
        why = _why(order)
        if order.action is OrderAction.PROMOTE:
            promote = PromoteModel(self.store, self.clock, self.record, order.by)
            return promote(order.version, why, seen=order.champion)
        previous = self.store.history().previous
        if previous and order.version != previous:
            raise OrderRefused(f"a rollback returns to version {previous}, and not to version {order.version}")
        return RollBack(self.store, self.clock, self.record, order.by)(why, seen=order.champion)

    def _refuse(self, order: Order, error: StoreRefusal) -> None:
        """Append an entry, unless a controller has answered the order, or was stopped after it had followed it."""
        log.warning("order_refused", extra={"order": order.id, "action": str(order.action), "why": str(error)})
        if self._is_answered(order):
            return
        history = self.store.history()
        if self._is_followed(order, history):
            self.record(history, order.by, _why(order))
            return
        reason, champion = _reason(error), history.champion
        draft = LedgerDraft(
            at=self.clock(),
            actor=order.by,
            event="refused",
            version=champion or "",
            replaced=champion,
            challenger=order.version,
            verdicts={"orders": [AnsweredOrder(order, reason).to_values()]},
            why=_both(reason, order),
        )
        self.ledger.append(draft)

    def _is_answered(self, order: Order) -> bool:
        return order.id in order_answers(self.ledger.entries())

    def _is_followed(self, order: Order, history: PromotionHistory) -> bool:
        """Return whether the last change is what the order asks for, and has no entry in the ledger."""
        last = history.changes[-1:]
        unrecorded = {change.at for change in missing_changes(self.ledger.entries(), history)}
        asked = str(order.action), order.version, order.champion
        return any((each.action, each.version, each.replaced) == asked and each.at in unrecorded for each in last)


def _why(order: Order) -> str:
    return f"{order.why or 'no reason given'} {order.mark}"


def _both(reason: str, order: Order) -> str:
    """Return the reasons of the controller and of the operator; a long one of the controller is cut."""
    end = f"; asked to {order.action}: {_why(order)}"
    return f"{short_text(reason, MAX_TEXT_CHARACTERS - len(end))}{end}"


def _reason(error: StoreRefusal) -> str:
    """Return why an order is refused, for people; what a library found in a corrupt version is in the log alone."""
    if isinstance(error, CorruptModel):
        return f"version {error.version} cannot be used: the log of `endeavour rollout run` has the reason"
    return short_plain_text(str(error), MAX_REASON_CHARACTERS)
