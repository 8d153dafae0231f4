"""Visitor: who asks for a page of the console, and what that person may see and order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.access.api_key import ApiKey, Role

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ENVIRON_KEY = "endeavour.visitor"
READERS = frozenset({Role.OPERATE, Role.VIEW})
# By path of the page; the other pages are for readers.
ROLES: Mapping[str, frozenset[Role]] = {
    **dict.fromkeys(("", "model", "try"), READERS | {Role.PREDICT}),
    "monitoring": READERS | {Role.METRICS},
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with a key, or any client of a server without keys.

    Parameters
    ----------
    key : ApiKey or None
        None on a server without keys.
    proof : str
        What the forms of the session hold; empty without a session.
    """

    key: ApiKey | None = None
    proof: str = ""

    @property
    def may_order(self) -> bool:
        """Whether the person may give orders in this session."""
        return self.key is not None and Role.OPERATE in self.key.roles and self.proof != ""

    @property
    def orderer(self) -> str:
        """How the ledger names the person."""
        return f"{self.key.name} (key {self.key.id})" if self.key else ""

    def may_see(self, path: str) -> bool:
        """Return whether the person may see the page with this path."""
        return self.key is None or not self.key.roles.isdisjoint(ROLES.get(path, READERS))

    @property
    def first_page(self) -> str:
        """Path of the first page that the person may see."""
        return "" if self.may_see("") else "monitoring"


def visitor_of(environ: "WSGIEnvironment") -> Visitor:
    """Return the visitor of the request; any client if none was noted."""
    visitor: Visitor = environ.get(ENVIRON_KEY) or Visitor()
    return visitor
