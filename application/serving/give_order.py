"""GiveOrder: accepts an operator's order at a serving host, from which the controller reads it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from application.serving.current_model import CurrentModel
from domain.delivery.errors import OrderOutdated, OrderRefused
from domain.delivery.order import LIFE, Order, OrderAction
from domain.delivery.order_options import possible_orders, seen_now
from domain.delivery.order_progress import OrderProgress, order_progress
from domain.delivery.served_model import ServedModels
from domain.errors import StoreUnavailable
from domain.monitoring.change import What
from domain.ports import Clock, OrderBoard, VersionCatalog

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GiveOrder:
    """Keep orders that fit what this host serves, and return what has become of them.

    A host writes nothing to the registry: the controller reads the orders with the counts of the host. An abort ends
    the challenger's traffic at this host at once.

    Parameters
    ----------
    current_model : CurrentModel
    board : OrderBoard
    stop : callable
        Ends the traffic of the rollout with an id at this host.
    clock : Clock
    catalog : VersionCatalog
        Its changes have the orders that the controller refused.
    """

    current_model: CurrentModel
    board: OrderBoard
    stop: Callable[[str], None]
    clock: Clock
    catalog: VersionCatalog

    def __call__(self, order_id: str, action: OrderAction, *, seen: str, version: str, by: str, why: str) -> Order:
        """Return the accepted order, or the one that was accepted under this id.

        Raises
        ------
        OrderOutdated
            If this host serves something else than the operator saw.
        OrderRefused
            If there is no such order now, or a promotion that skips evidence has no reason.
        ValueError
            If the id, a text or the version has the wrong form.
        """
        for given in self.board.orders():
            if given.id == order_id:
                return given
        models = self.current_model.models
        if seen != seen_now(models):
            raise OrderOutdated(seen_now(models))
        _require_sense(models, action, version, why)
        result = _result(models, action, version)
        order = self.board.put(Order(order_id, action, seen, result, by, why, self.clock()))
        if action is OrderAction.ABORT:
            self.stop(order.rollout)
        facts = {"order": order.id, "action": str(action), "seen": seen, "by": by, "why": why}
        log.warning("order_given", extra=facts)
        return order

    def progress(self, order_id: str) -> OrderProgress | None:
        """Return what has become of an order, None if this host has neither received nor read it."""
        models = self.current_model.models
        answered = models.exposure.rollout.orders if models.exposure else ()
        known = {each.order.id: each.order for each in answered}
        known |= {order.id: order for order in self.board.orders()}
        order = known.get(order_id)
        return order_progress(order, models, self.clock(), self._refusal(order)) if order else None

    def _refusal(self, order: Order) -> str:
        """Return why the controller refused an order about the champion, empty if it did not or that is not known."""
        try:
            catalog = self.catalog.read() if order.champion else None
        except StoreUnavailable:
            return ""
        refusals = (change.why for change in (catalog.changes if catalog else ()) if change.what is What.REFUSED)
        return next((why.removesuffix(order.mark).rstrip() for why in refusals if order.mark in why), "")

    def pending(self) -> tuple[Order, ...]:
        """Return the orders that the controller may take now."""
        now = self.clock()
        return tuple(order for order in self.board.orders() if now - order.at <= LIFE)


def _require_sense(models: ServedModels, action: OrderAction, version: str, why: str) -> None:
    rollout = models.exposure.rollout if models.exposure else None
    if action not in possible_orders(rollout):
        raise OrderRefused(f"there is nothing to {action} now")
    if action is OrderAction.PROMOTE and not why:
        raise OrderRefused("a promotion that skips the evidence needs a reason")
    if rollout is None and version in ("", models.champion.version.name):
        raise OrderRefused("name a version that is not in production already")


def _result(models: ServedModels, action: OrderAction, version: str) -> str:
    """Return the version that is in production if the order is carried out, empty if none changes."""
    rollout = models.exposure.rollout if models.exposure else None
    if rollout is None:
        return version
    return {OrderAction.ABORT: rollout.champion, OrderAction.PROMOTE: rollout.challenger}.get(action, "")
