"""What is known of one request, from its beginning until its line in the log."""

from typing import TYPE_CHECKING

from domain.snapshot import Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FACTS = "endeavour.facts"
# Stands for every path that is no route of ours: what clients make up must not become a label.
NO_ROUTE = "other"
# If the answer was never begun, the server makes one of its own.
NEVER_BEGUN = "500"


class Facts:
    """What becomes known of a request on its way; views add what they know.

    Attributes
    ----------
    request_id, method, path : str
        As the client sent them, where they could do no harm.
    at, seconds : float
        Unix time of the beginning, and how long it took until the answer was there.
    trace_id : str or None
        Of the client's trace.
    route, status : str
        The rule that the path fits, and the three digits.
    key : str or None
        The id of the API key.
    rows, snapshot
        What was predicted, and what with.
    code : str or None
        Of the problem, if that is the answer.
    """

    __slots__ = (
        "at",
        "code",
        "key",
        "method",
        "path",
        "request_id",
        "route",
        "rows",
        "seconds",
        "snapshot",
        "status",
        "trace_id",
    )

    def __init__(self, request_id: str, method: str, path: str, at: float, trace_id: str | None = None) -> None:
        self.request_id, self.method, self.path, self.at, self.trace_id = request_id, method, path, at, trace_id
        self.route, self.status, self.seconds = NO_ROUTE, NEVER_BEGUN, 0.0
        self.key: str | None = None
        self.rows: int | None = None
        self.snapshot: Snapshot | None = None
        self.code: str | None = None


def facts_of(environ: "WSGIEnvironment") -> Facts:
    """Return the facts of the request that `environ` belongs to."""
    facts: Facts = environ[FACTS]
    return facts
