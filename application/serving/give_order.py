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
        Its answers are those of the ledger to orders that the controller has taken.
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
            If there is no such order now, a promotion that skips evidence has no reason, or the id is that of another
            order.
        ValueError
            If the id, a text or the version has the wrong form.
        """
        for given in self.board.orders():
            if given.id == order_id:
                return _same(given, action, seen, version, why)
        models = self.current_model.models
        if seen != seen_now(models):
            raise OrderOutdated(seen_now(models))
        _require_sense(models, action, version, why)
        result = _result(models, action, version)
        kept = self.board.put(Order(order_id, action, seen, result, by, why, self.clock()))
        order = _same(kept, action, seen, version, why)
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
        return order_progress(order, models, self.clock(), self._answer(order_id)) if order else None

    def _answer(self, order_id: str) -> str | None:
        """Return the answer of the ledger to the order, None if it has none that this host has read."""
        try:
            catalog = self.catalog.read()
        except StoreUnavailable:
            return None
        return catalog.answers.get(order_id) if catalog else None

    def pending(self) -> tuple[Order, ...]:
        """Return the orders that the controller may take now."""
        now = self.clock()
        return tuple(order for order in self.board.orders() if now - order.at <= LIFE)


def _same(order: Order, action: OrderAction, seen: str, version: str, why: str) -> Order:
    """Return the order that has the id, or raise `OrderRefused` if another is given under it."""
    # A rollout has versions of its own.
    is_version = bool(order.rollout) or order.version == version
    if (order.action, order.seen, order.why) != (action, seen, why) or not is_version:
        raise OrderRefused("another order was given with this id; every order has an id of its own")
    return order


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
