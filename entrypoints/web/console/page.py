"""Page of the console: its address, its place in the navigation, and what it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from werkzeug.datastructures import MultiDict

Query = MultiDict[str, str]


class View(Protocol):
    """Values that a template shows: a frozen dataclass, made by use cases for one request."""

    @property
    def title(self) -> str:
        """The state in a few words, for the tab of the browser."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the console.

    Parameters
    ----------
    path : str
        Address below `console/`, without a slash; empty for the first page.
    label : str
        In the navigation; a page without a label is not listed there.
    template : str
        Name of a file in `templates`; it finds the view as `view`.
    view : callable
        Returns the view for the query of a request.
    json : str
        Address of the same facts as JSON, relative to the page.
    every : int
        Seconds between two updates of the page in a browser.
    """

    path: str
    label: str
    template: str
    view: Callable[[Query], View]
    json: str = "../openapi.json"
    every: int = 5
