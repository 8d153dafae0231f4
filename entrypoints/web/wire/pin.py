"""Pin of a request: the model of a rollout that its client chooses by a header."""

from typing import TYPE_CHECKING

from domain.delivery.routing import Role
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PINNED_MODEL = "HTTP_X_ENDEAVOUR_MODEL"
PINS = {"champion": Role.CHAMPION, "challenger": Role.CHALLENGER}
NO_CHALLENGER = "no rollout has a challenger here now; leave out the header X-Endeavour-Model"


def read_pin(environ: "WSGIEnvironment") -> Role:
    """Return the model that the header X-Endeavour-Model of the request chooses.

    Raises
    ------
    ProblemError
        If the header has another value, or there are keys and the client's lacks the role `operate`.
    """
    named = environ[PINNED_MODEL]
    if not context_of(environ).may_operate:
        raise ProblemError(403, "forbidden", "the header X-Endeavour-Model takes a key with the role operate")
    if named not in PINS:
        raise ProblemError(400, "invalid_header", f"the header X-Endeavour-Model must be {' or '.join(PINS)}")
    return PINS[named]
