"""Renderer: makes HTML of a page and its view, within the frame that all pages share."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from socket import gethostname

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from application.serving.current_model import CurrentModel
from entrypoints.git_revision import release
from entrypoints.web.console import numerals
from entrypoints.web.console.charts.icons import icon
from entrypoints.web.console.page import Page, View
from entrypoints.web.console.prose import prose, sentence
from entrypoints.web.console.visitor import Visitor, visitor_of
from entrypoints.web.middleware.client_address import ClientAddressResolver
from entrypoints.web.middleware.concurrency_limit import Slots
from entrypoints.web.middleware.security_headers import CONSOLE_PAGE_HEADERS, RESPONSE_HEADERS
from entrypoints.web.static import HTML_TYPE

# A page takes some milliseconds of a processor, which predictions need more.
MAX_CONCURRENT_RENDERS = 2
# A name or an address, and a port; the text stands in a command of a shell.
HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)
TOO_MANY = "too many pages are being made; try again"


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page shows around its view.

    Parameters
    ----------
    pages : sequence of Page
        Those of the navigation.
    here : Page
    model_name : str
    host : str
        Name of this host.
    release : str
        Version of the program.
    at : datetime
        Time of the page, in UTC; of the figures, if the view has no time of its own.
    visitor : Visitor
    origin : str
        Scheme and host of this request, for a command; empty if its header Host is missing or malformed.
    exposure : float
        Percentage of the requests that the challenger of a rollout answers; 0 without a rollout.
    bare : bool
        Whether the page shows neither navigation nor figures, as before signing in.
    address : str
        Address of the page, if it answers a form; else empty.
    """

    pages: Sequence[Page]
    here: Page
    model_name: str
    host: str
    release: str
    at: datetime
    visitor: Visitor
    origin: str = ""
    exposure: float = 0.0
    bare: bool = False
    address: str = ""

    @property
    def key(self) -> str | None:
        """Name of the visitor's key."""
        return self.visitor.key.name if self.visitor.key else None


@cache
def templates() -> Environment:
    """Return the templates; read when the first page is asked for."""
    made = Environment(
        loader=PackageLoader("entrypoints.web.console"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(icon=icon)
    made.filters.update(prose=prose, sentence=sentence)
    names = ("number", "whole", "signed", "day_and_time", "duration")
    made.filters.update({name: getattr(numerals, name) for name in names})
    return made


class PageRenderer:
    """Renders pages, two at a time in each worker; the third request gets 503, and the page asks again later.

    Parameters
    ----------
    pages : sequence of Page
        Those of the navigation.
    model_name : str
    current_model : CurrentModel
    addresses : ClientAddressResolver
    """

    def __init__(
        self, pages: Sequence[Page], model_name: str, current_model: CurrentModel, addresses: ClientAddressResolver
    ) -> None:
        self._pages, self._model_name, self._current_model = pages, model_name, current_model
        self._addresses = addresses
        self._host, self._release = gethostname(), release()
        self._slots = Slots(MAX_CONCURRENT_RENDERS, TOO_MANY)

    def __call__(
        self, page: Page, make_view: Callable[[], View], status: int = 200, *, bare: bool = False, address: str = ""
    ) -> Response:
        """Return the page as HTML; raise `ProblemError` (`overloaded`) if others are being made.

        `make_view` is called while the slot is held, because it is most of the work.
        """
        with self._slots:
            frame = self._framed(page, bare, address)
            text = templates().get_template(page.template).render(view=make_view(), frame=frame)
        request.environ[RESPONSE_HEADERS] = CONSOLE_PAGE_HEADERS
        return Response(text, status, mimetype=HTML_TYPE)

    def _framed(self, page: Page, bare: bool, address: str) -> Frame:
        visitor = visitor_of(request.environ)
        return Frame(
            pages=[each for each in self._pages if visitor.may_see(each.path)],
            here=page,
            model_name=self._model_name,
            host=self._host,
            release=self._release,
            at=datetime.now(UTC),
            visitor=visitor,
            origin=self._origin(),
            exposure=self._exposure(),
            bare=bare,
            address=address,
        )

    def _origin(self) -> str:
        host = request.environ.get("HTTP_HOST", "")
        scheme = "https" if self._addresses.is_encrypted(request.environ) else "http"
        return f"{scheme}://{host}" if HOST.fullmatch(host) else ""

    def _exposure(self) -> float:
        if not self._current_model.is_loaded:
            return 0.0
        exposure = self._current_model.models.exposure
        return exposure.weight / 100 if exposure else 0.0
