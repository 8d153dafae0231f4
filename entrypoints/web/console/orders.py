"""Orders of the console: a form gives an order, and the page that follows shows what has become of it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from application.serving.give_order import GiveOrder
from domain.delivery.errors import OrderOutdated, OrderRefused
from domain.delivery.order import NOT_A_REASON, Order, OrderAction, reason_from
from entrypoints.web.console.access import ConsoleAccess
from entrypoints.web.console.form import is_from_elsewhere, read_form
from entrypoints.web.console.order_form import PROBLEM, WITHOUT_KEYS, WITHOUT_ROLE
from entrypoints.web.console.page import Page
from entrypoints.web.console.renderer import PageRenderer
from entrypoints.web.console.sign_in import ELSEWHERE, SignInPage, see_other
from entrypoints.web.console.visitor import visitor_of

SIGNED_OUT = "You were signed out, and nothing was done. Sign in and look again."
CHANGED = "It has changed since you looked. Nothing was done."
MALFORMED = "The form is not one of this page. Nothing was done."
UNREADABLE = f"Nothing was done: the reason {NOT_A_REASON}."
PAGES = ("rollout", "versions")
Fields = Mapping[str, str]


class OrderDesk:
    """Takes the forms of the pages that give orders.

    Parameters
    ----------
    pages : mapping of str to Page
        By path.
    render : PageRenderer
    sign_in : SignInPage
    access : ConsoleAccess
    give_order : GiveOrder
    """

    def __init__(
        self,
        pages: Mapping[str, Page],
        render: PageRenderer,
        sign_in: SignInPage,
        access: ConsoleAccess,
        give_order: GiveOrder,
    ) -> None:
        self._pages, self._render, self._sign_in = pages, render, sign_in
        self._access, self._give_order = access, give_order

    def __call__(self) -> Response:
        """Give the order of the form of this request, and send the browser to the page that shows its progress."""
        fields = read_form(request.environ)
        page = self._pages[fields["to"] if fields.get("to") in PAGES else PAGES[0]]
        if refused := self._refused(page, fields):
            return refused
        try:
            why = reason_from(fields.get("reason", ""))
        except ValueError:
            return self._again(page, fields, 400, UNREADABLE)
        try:
            order = self._given(fields, why)
        except OrderOutdated:
            return self._again(page, fields, 409, CHANGED)
        except OrderRefused as error:
            return self._again(page, fields, 409, f"Nothing was done: {error}.")
        except ValueError:
            return self._again(page, fields, 400, MALFORMED)
        return see_other(f"{page.path}?order={order.id}")

    def _refused(self, page: Page, fields: Fields) -> Response | None:
        """Return the response to someone who may not give the order, None if that person may."""
        environ = request.environ
        visitor = self._access.note_visitor(environ)
        if visitor is None:
            return self._sign_in(page.path, 401, SIGNED_OUT)
        if visitor.key is None:
            return self._again(page, fields, 403, WITHOUT_KEYS)
        if not visitor.may_order:
            return self._sign_in(page.path, 403, f"{WITHOUT_ROLE} Nothing was done.")
        if is_from_elsewhere(environ) or not self._access.is_proven(environ, fields.get("proof", "")):
            return self._again(page, fields, 403, ELSEWHERE)
        return None

    def _given(self, fields: Fields, why: str) -> Order:
        return self._give_order(
            fields.get("order", ""),
            OrderAction(fields.get("action", "")),
            seen=fields.get("seen", ""),
            version=fields.get("version", ""),
            by=visitor_of(request.environ).orderer,
            why=why,
        )

    def _again(self, page: Page, fields: Fields, status: int, problem: str) -> Response:
        """Return the page as it is now, with the sheet of the form and the reason of the refusal."""
        request.environ[PROBLEM] = problem
        query = MultiDict({"act": fields.get("action", ""), "version": fields.get("version", "")})
        address = f"{page.path}?{urlencode(query)}"
        return self._render(page, lambda: page.view(query), status, address=address)


def order_routes(desk: OrderDesk) -> Blueprint:
    """Return the route that takes the forms of `PAGES`."""
    routes = Blueprint("console_orders", __name__)
    routes.add_url_rule("/console/order", "give", desk, methods=["POST"])
    routes.add_url_rule("/console/order", "look", lambda: see_other(PAGES[0]), methods=["GET"])
    return routes
