"""Orders of operators for tests."""

from datetime import timedelta
from typing import Any

from domain.delivery.order import Order, OrderAction
from tests.support.rollouts import STARTED, a_rollout


def order_id(number: int) -> str:
    return f"{number:032x}"


def an_order(number: int = 1, action: OrderAction = OrderAction.ABORT, **changes: Any) -> Order:
    """Return an order about the rollout of version 2, given `number` seconds after its start."""
    fields: dict[str, Any] = {
        "id": order_id(number),
        "action": action,
        "seen": a_rollout().seen,
        "version": "1",
        "by": "night (key ops-2)",
        "why": "too slow",
        "at": STARTED + timedelta(seconds=number),
    }
    return Order(**fields | changes)


def a_champion_order(number: int = 1, action: OrderAction = OrderAction.PROMOTE, **changes: Any) -> Order:
    """Return an order about version 1 in production."""
    return an_order(number, action, **{"seen": "champion:1", "version": "2"} | changes)
