"""Order progress: what has become of an order, read from the state of the rollout and from the ledger."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.delivery.order import LIFE, Order, OrderAction
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.served_model import ServedModels

NOT_TAKEN = "The controller has not taken it yet."
# Longer than a controller takes, which looks every 10 s.
LATE = timedelta(seconds=15)
STILL_NOT_TAKEN = (
    f"{NOT_TAKEN} It takes some seconds: see that `endeavour rollout run` works, and what it logs. It reads orders "
    "from `/metrics`, which a server with keys serves it at ENDEAVOUR_METRICS_ADDRESS only."
)
IN_ROLLOUT = "A rollout was started meanwhile, and the controller takes no such order while one is under way."
EXPIRED = "No controller has taken it within 5 minutes, and none will: see that `endeavour rollout run` works."

UNREAD = "This host has not read yet whether the ledger names this order."
NOT_NAMED = "The ledger does not name this order: something else has put it there."


class OrderState(StrEnum):
    """How far an order has come."""

    ASKED = "asked"
    TAKEN = "taken"
    DONE = "done"
    IGNORED = "ignored"
    OVERTAKEN = "overtaken"
    """The rollout ended, or is being aborted, so that a pause or a resumption has no meaning any more."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class OrderProgress:
    """An order, how far it has come, and a sentence about it."""

    order: Order
    state: OrderState
    sentence: str


def order_progress(order: Order, models: ServedModels, now: datetime, answer: str | None = None) -> OrderProgress:
    """Return what has become of `order` by what this host has read.

    Parameters
    ----------
    order : Order
    models : ServedModels
        What this host serves, and the state of the rollout.
    now : datetime
    answer : str or None
        Of the ledger: why the order changed nothing, empty if it was followed, None without an entry that names it.
    """
    rollout = models.exposure.rollout if models.exposure else None
    if rollout and rollout.id == order.rollout:
        return _in_rollout(order, rollout, now)
    if answer:
        return OrderProgress(order, OrderState.IGNORED, f"It was refused, and nothing was done: {answer}.")
    champion = models.champion.version.name
    fits = champion == order.version
    if answer is None and fits and now - order.at <= LIFE:
        return OrderProgress(order, OrderState.ASKED, f"Version {champion} is in production. {UNREAD}")
    if order.rollout:
        done = answer is not None and fits
        sentence = f"The rollout is over: version {champion} answers all requests."
        return OrderProgress(order, OrderState.DONE if done else OrderState.OVERTAKEN, sentence)
    if answer is None:
        because = f"Version {champion} is in production. {NOT_NAMED}" if fits else ""
        return _waiting(order, now, because or (IN_ROLLOUT if rollout else ""))
    since = "" if fits else f" Since then, version {champion} has replaced it."
    return OrderProgress(order, OrderState.DONE, f"Version {order.version} was put into production.{since}")


def _in_rollout(order: Order, rollout: Rollout, now: datetime) -> OrderProgress:
    answered = next((each for each in rollout.orders if each.order.id == order.id), None)
    if answered is None:
        return _waiting(order, now)
    if answered.ignored:
        return OrderProgress(order, OrderState.IGNORED, f"It changed nothing: {answered.ignored}.")
    if rollout.phase is Phase.ABORTING and order.action is not OrderAction.ABORT:
        return OrderProgress(order, OrderState.OVERTAKEN, f"The rollout is being aborted: {rollout.why}")
    if _is_done(order, rollout):
        return OrderProgress(order, OrderState.DONE, rollout.held or rollout.why)
    return OrderProgress(order, OrderState.TAKEN, f"The controller has taken it: {rollout.why}")


def _is_done(order: Order, rollout: Rollout) -> bool:
    if order.action is OrderAction.PROMOTE:
        return rollout.is_after_promotion
    # An aborted rollout has no state any more.
    return order.action is not OrderAction.ABORT


def _waiting(order: Order, now: datetime, because: str = "") -> OrderProgress:
    if now - order.at > LIFE:
        return OrderProgress(order, OrderState.EXPIRED, because or EXPIRED)
    is_late = now - order.at > LATE
    return OrderProgress(order, OrderState.ASKED, because or (STILL_NOT_TAKEN if is_late else NOT_TAKEN))
