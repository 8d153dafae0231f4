"""Signing in and out: a page that takes one key and returns a cookie."""

import math
from dataclasses import dataclass

from flask import Blueprint, Response, request

from entrypoints.web.console.access import ConsoleAccess
from entrypoints.web.console.form import is_from_elsewhere, read_form
from entrypoints.web.console.page import Page
from entrypoints.web.console.renderer import PageRenderer
from entrypoints.web.console.visitor import Visitor

NO_COOKIE = "The browser did not keep the cookie of the session: allow cookies of this address, and sign in again."
WRONG_KEY = "No such key, or it was revoked."
TOO_MANY = "Too many keys of this address were refused: wait a minute."
ELSEWHERE = "The form was sent by a page of another address, and nothing was done."


@dataclass(frozen=True, slots=True)
class SignIn:
    """View of the page.

    Parameters
    ----------
    to : str
        Path of the page that follows.
    problem : str
        Why the page is shown again; empty at first.
    """

    to: str
    problem: str = ""
    title: str = "Sign in"


PAGE = Page("enter", "", "sign_in.html", lambda _: SignIn(""))


class SignInPage:
    """Shows the page, with a problem if there is one.

    Parameters
    ----------
    render : PageRenderer
    paths : collection of str
        Those of the pages; no other address may follow.
    """

    def __init__(self, render: PageRenderer, paths: tuple[str, ...]) -> None:
        self._render, self._paths = render, paths

    def __call__(self, to: str, status: int = 200, problem: str = "") -> Response:
        """Return the page."""
        return self._render(PAGE, lambda: SignIn(self.known(to), problem), status, bare=True)

    def known(self, to: str) -> str:
        """Return the path of a page, that of the first page for any other text."""
        return to if to in self._paths else ""


def see_other(path: str, **headers: str) -> Response:
    """Return the redirect to a page beside this one."""
    return Response(status=303, headers={"Location": path or "./", **headers})


def sign_in_routes(page: SignInPage, access: ConsoleAccess) -> Blueprint:
    """Return the routes `enter` and `leave`."""
    routes = Blueprint("sign_in", __name__)

    @routes.get("/console/enter")
    def enter() -> Response:
        to = page.known(request.args.get("to", ""))
        if visitor := access.note_visitor(request.environ):
            return see_other(_permitted(visitor, to))
        return page(to, problem=NO_COOKIE if "kept" in request.args else "")

    @routes.post("/console/enter")
    def present() -> Response:
        environ, fields = request.environ, read_form(request.environ)
        to = page.known(fields.get("to", ""))
        if is_from_elsewhere(environ):
            return page(to, 403, ELSEWHERE)
        if seconds := access.waiting_seconds(environ):
            refused = page(to, 429, TOO_MANY)
            refused.headers["Retry-After"] = str(math.ceil(seconds))
            return refused
        cookie = access.begin(environ, fields.get("key", ""))
        if cookie is None:
            return page(to, 401, WRONG_KEY)
        return see_other(f"enter?to={to}&kept=1", **{"Set-Cookie": cookie})

    @routes.post("/console/leave")
    def leave() -> Response:
        environ, fields = request.environ, read_form(request.environ)
        if is_from_elsewhere(environ) or not access.is_proven(environ, fields.get("proof", "")):
            return see_other("")
        return see_other("enter", **{"Set-Cookie": access.ended(environ)})

    return routes


def refusal(access: ConsoleAccess, path: str) -> Response | None:
    """Return the response to someone who may not see the page with this path, None if that person may."""
    visitor = access.note_visitor(request.environ)
    if visitor is None:
        return see_other(f"enter?to={path}" if path else "enter")
    if not visitor.may_see(path):
        return see_other(visitor.first_page)
    return None


def _permitted(visitor: Visitor, to: str) -> str:
    return to if visitor.may_see(to) else visitor.first_page
