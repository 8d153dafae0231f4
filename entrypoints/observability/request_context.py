"""Context of one request, from its beginning until its line in the log."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.delivery.served_model import ServedModel

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FACTS = "endeavour.facts"


@dataclass(slots=True, eq=False)
class RequestContext:
    """Context of a request; layers and views add theirs."""

    # As the client sent them; the id only if it can do no harm in a header or log.
    request_id: str
    method: str
    path: str
    # Unix time of the beginning.
    at: float
    # Of the client's trace.
    trace_id: str | None = None
    # The rule that the path fits; one for all other paths, because paths of clients must not become label values.
    route: str = "other"
    # Three digits; of an answer that was never begun, because the server makes one of its own then.
    status: str = "500"
    # Until the answer was there.
    seconds: float = 0.0
    # The id of the API key.
    key: str | None = None
    # How many rows were predicted, and with which model.
    rows: int | None = None
    snapshot: ServedModel | None = None
    # Of the problem, if that is the answer.
    code: str | None = None


def context_of(environ: "WSGIEnvironment") -> RequestContext:
    """Return the facts of the request that `environ` belongs to."""
    facts: RequestContext = environ[FACTS]
    return facts
