"""Facts of one request, from its beginning until its line in the log."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.snapshot import Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FACTS = "endeavour.facts"
# The route of every path that is none of ours, because paths of clients must not become label values.
NO_ROUTE = "other"
# Of an answer that was never begun: the server makes one of its own.
NEVER_BEGUN = "500"


@dataclass(slots=True, eq=False)
class Facts:
    """Facts of a request; layers and views add theirs.

    Attributes
    ----------
    request_id, method, path : str
        As the client sent them; the id only if it can do no harm in a header or log.
    at, seconds : float
        Unix time of the beginning, and the time until the answer was there.
    trace_id : str or None
        Of the client's trace.
    route, status : str
        The rule that the path fits, and three digits.
    key : str or None
        The id of the API key.
    rows, snapshot
        How many were predicted, and with which model.
    code : str or None
        Of the problem, if that is the answer.
    """

    request_id: str
    method: str
    path: str
    at: float
    trace_id: str | None = None
    route: str = NO_ROUTE
    status: str = NEVER_BEGUN
    seconds: float = 0.0
    key: str | None = None
    rows: int | None = None
    snapshot: Snapshot | None = None
    code: str | None = None


def facts_of(environ: "WSGIEnvironment") -> Facts:
    """Return the facts of the request that `environ` belongs to."""
    facts: Facts = environ[FACTS]
    return facts
