"""Context of one request: filled by middleware and routes, and read for the access log and the metrics."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from domain.delivery.served_model import ServedModel

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ENVIRON_KEY = "endeavour.request_context"


class Permit(Protocol):
    """Permission to process a request: acquired after its body was read, so that slow bodies hold none."""

    def reading_body(self) -> AbstractContextManager[object]:
        """Count the request among those whose body is being read, or raise an error if there are too many."""

    def acquire(self) -> None:
        """Wait for the permission, or raise an error if too many requests hold one."""


@dataclass(slots=True, eq=False)
class RequestContext:
    """Context of a request; middleware and routes set the fields that have a default.

    Parameters
    ----------
    request_id : str
        The client's if it is harmless in a header and in the log, else a new one.
    method, path : str
        As the client sent them.
    started_at : float
        Unix time, in seconds.
    trace_id : str or None
        Of the client's trace (W3C Trace Context).
    route : str
        The rule that matches the path, else `other`, because paths of clients must not become label values.
    status : str
        Three digits; `500` until the application has begun a response, because the server then makes one of its own.
    seconds : float
        From the start until the application has returned the response.
    key : str or None
        Id of the API key.
    rows : int or None
        Rows that were predicted, with the model `snapshot`.
    snapshot : ServedModel or None
    code : str or None
        Of the problem, if the response is one.
    permit : Permit
        Set by the concurrency limiter.
    """

    request_id: str
    method: str
    path: str
    started_at: float
    trace_id: str | None = None
    route: str = "other"
    status: str = "500"
    seconds: float = 0.0
    key: str | None = None
    rows: int | None = None
    snapshot: ServedModel | None = None
    code: str | None = None
    permit: Permit = field(init=False)

    def record_prediction(self, rows: int, snapshot: ServedModel) -> None:
        """Record the number of rows that were predicted with the model of `snapshot`."""
        self.rows, self.snapshot = rows, snapshot


def context_of(environ: "WSGIEnvironment") -> RequestContext:
    """Return the context of the request that `environ` belongs to."""
    context: RequestContext = environ[ENVIRON_KEY]
    return context
