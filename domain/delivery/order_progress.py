"""Order progress: what has become of an order, read from the models that a host serves and never assumed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.delivery.order import LIFE, Order, OrderAction
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.served_model import ServedModels

NOT_TAKEN = "The controller has not taken it yet."
IN_ROLLOUT = "A rollout was started meanwhile, and the controller takes no such order while one is under way."
EXPIRED = "No controller has taken it within 5 minutes, and none will: see that `endeavour rollout run` works."


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


def order_progress(order: Order, models: ServedModels, now: datetime, refusal: str = "") -> OrderProgress:
    """Return what has become of `order` by what this host has read: the state, and in the ledger why it was refused."""
    rollout = models.exposure.rollout if models.exposure else None
    if rollout and rollout.id == order.rollout:
        return _in_rollout(order, rollout, now)
    champion = models.champion.version.name
    if order.rollout and order.action is not OrderAction.PROMOTE:
        sentence = f"The rollout is over: version {champion} answers all requests."
        return OrderProgress(order, _at_the_end(order), sentence)
    if champion == order.version:
        return OrderProgress(order, OrderState.DONE, f"Version {champion} is in production.")
    if order.rollout:
        sentence = f"The rollout is over, and version {champion} is in production."
        return OrderProgress(order, OrderState.IGNORED, sentence)
    if refusal:
        return OrderProgress(order, OrderState.IGNORED, f"It was refused, and nothing was done: {refusal}.")
    return _waiting(order, now, IN_ROLLOUT if rollout else "")


def _in_rollout(order: Order, rollout: Rollout, now: datetime) -> OrderProgress:
    answered = next((each for each in rollout.orders if each.order.id == order.id), None)
    if answered is None:
        return _waiting(order, now)
    if answered.ignored:
        return OrderProgress(order, OrderState.IGNORED, f"It changed nothing: {answered.ignored}.")
    if rollout.phase is Phase.ABORTING and _at_the_end(order) is OrderState.OVERTAKEN:
        return OrderProgress(order, OrderState.OVERTAKEN, f"The rollout is being aborted: {rollout.why}")
    if _is_done(order, rollout):
        return OrderProgress(order, OrderState.DONE, rollout.held or rollout.why)
    return OrderProgress(order, OrderState.TAKEN, f"The controller has taken it: {rollout.why}")


def _at_the_end(order: Order) -> OrderState:
    return OrderState.DONE if order.action is OrderAction.ABORT else OrderState.OVERTAKEN


def _is_done(order: Order, rollout: Rollout) -> bool:
    if order.action is OrderAction.PROMOTE:
        return rollout.is_after_promotion
    # An aborted rollout has no state any more.
    return order.action is not OrderAction.ABORT


def _waiting(order: Order, now: datetime, because: str = "") -> OrderProgress:
    if now - order.at > LIFE:
        return OrderProgress(order, OrderState.EXPIRED, because or EXPIRED)
    return OrderProgress(order, OrderState.ASKED, because or NOT_TAKEN)
