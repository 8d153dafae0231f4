"""Order form: the buttons and the sheet of a page that gives orders."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request

from application.serving.give_order import GiveOrder
from domain.delivery.order import MAX_WHY_CHARACTERS, OrderAction
from domain.delivery.order_progress import OrderProgress, OrderState
from entrypoints.web.console.page import Query
from entrypoints.web.console.visitor import Visitor, visitor_of

PROBLEM = "endeavour.order_problem"
"""Key of the request's environ: why an order was refused, for the page that is shown again."""
WITHOUT_KEYS = (
    "Orders take a key: `endeavour keys add me --role operate` makes one. From the first key on, every client needs "
    "one: for predictions with the role `predict`, and for `/metrics` with the role `metrics`, unless "
    "ENDEAVOUR_METRICS_ADDRESS serves the metrics."
)
WITHOUT_ROLE = "The key of this session reads only: a key with the role `operate` gives orders."
WITHOUT_SESSION = "Orders take a session: sign in with the key."
UNKNOWN = (
    "This replica has no such order: another one took it, or it was long ago. What counts is the state on this page."
)
KINDS = {
    OrderState.DONE: "good",
    OrderState.IGNORED: "warn",
    OrderState.OVERTAKEN: "warn",
    OrderState.EXPIRED: "warn",
}
WORDS = {
    OrderState.ASKED: "",
    OrderState.TAKEN: ", is taken",
    OrderState.DONE: ", is done",
    OrderState.IGNORED: ", is ignored",
    OrderState.OVERTAKEN: ", was overtaken",
    OrderState.EXPIRED: ", was not carried out",
}


@dataclass(frozen=True, slots=True)
class OrderNote:
    """What has become of the order that the address of a page names."""

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Confirmation of one order.

    Parameters
    ----------
    action : OrderAction
    heading, button, leave : str
    consequences : sequence of str
        Computed when the sheet is shown.
    version : str
        In production afterwards.
    needs_reason : bool
    """

    action: OrderAction
    heading: str
    button: str
    leave: str
    consequences: Sequence[str]
    version: str = ""
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class OrderForm:
    """Fields that the forms of a page share, and what the visitor may do.

    Parameters
    ----------
    page : str
        Path of the page.
    visitor : Visitor
    seen : str
        What the visitor sees.
    actions : tuple of OrderAction
        Those that make sense now; empty if the visitor may give none.
    why_not : str
        Why the visitor may give none; empty if the visitor may.
    note : OrderNote or None
    problem : str
        Why the last order was refused.
    sheet : Sheet or None
    id : str
        Of the next order.
    """

    page: str
    visitor: Visitor
    seen: str
    actions: tuple[OrderAction, ...] = ()
    why_not: str = ""
    note: OrderNote | None = None
    problem: str = ""
    sheet: Sheet | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    max_why: int = MAX_WHY_CHARACTERS


def order_form(
    page: str, query: Query, give_order: GiveOrder, *, seen: str, actions: tuple[OrderAction, ...], sheet: Sheet | None
) -> OrderForm:
    """Return the form of a page for the visitor of this request."""
    visitor = visitor_of(request.environ)
    why_not = _why_not(visitor)
    note = _note(give_order, query.get("order", ""))
    problem: str = request.environ.get(PROBLEM, "")
    may = () if why_not else actions
    return OrderForm(page, visitor, seen, may, why_not, note, problem, sheet if sheet and sheet.action in may else None)


def _why_not(visitor: Visitor) -> str:
    if visitor.key is None:
        return WITHOUT_KEYS
    if visitor.may_order:
        return ""
    return WITHOUT_ROLE if visitor.proof else WITHOUT_SESSION


def _note(give_order: GiveOrder, order_id: str) -> OrderNote | None:
    if not order_id:
        return None
    progress = give_order.progress(order_id)
    return _noted(progress) if progress else OrderNote("wait", UNKNOWN)


def _noted(progress: OrderProgress) -> OrderNote:
    order = progress.order
    become = WORDS[progress.state]
    asked = f"{order.action.capitalize()}, asked at {order.at:%H:%M:%S} UTC by {order.by}{become}."
    return OrderNote(KINDS.get(progress.state, "wait"), f"{asked} {progress.sentence}")
