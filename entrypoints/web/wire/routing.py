"""Routing of a request: its key and its pin, from headers."""

import re
from typing import TYPE_CHECKING

from application.serving.routing_request import KeyKind, RoutingRequest
from domain.delivery.routing import Role
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# To look up a member of an enumeration costs as much as to call a function.
ENTITY, REQUEST, UNFIT, PINNED = KeyKind
ENTITY_ID, PINNED_MODEL = "HTTP_X_ENTITY_ID", "HTTP_X_ENDEAVOUR_MODEL"
SAFE_ENTITY_ID = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
PINS = {"champion": Role.CHAMPION, "challenger": Role.CHALLENGER}
NO_CHALLENGER = "no rollout has a challenger here now; leave out the header X-Endeavour-Model"


def read_pin(environ: "WSGIEnvironment") -> Role | None:
    """Return the model that the header X-Endeavour-Model chooses, None without it.

    Raises
    ------
    ProblemError
        If the header has another value, or there are keys and the client's lacks the role `operate`.
    """
    named = environ.get(PINNED_MODEL)
    if named is None:
        return None
    if not context_of(environ).may_operate:
        raise ProblemError(403, "forbidden", "the header X-Endeavour-Model takes a key with the role operate")
    if named not in PINS:
        raise ProblemError(400, "invalid_header", f"the header X-Endeavour-Model must be {' or '.join(PINS)}")
    return PINS[named]


def routing_request(environ: "WSGIEnvironment", pin: Role | None) -> RoutingRequest:
    """Return what a rollout routes the request by: the header X-Entity-Id if it is well-formed, else its id."""
    context, key = context_of(environ), ""
    entity = environ.get(ENTITY_ID)
    if pin is not None:
        context.key_kind = PINNED
    elif entity is None:
        context.key_kind, key = REQUEST, context.request_id
    elif SAFE_ENTITY_ID.fullmatch(entity):
        context.key_kind, key = ENTITY, entity
    else:
        context.key_kind, key = UNFIT, context.request_id
    return RoutingRequest(key, pin, context.body_bytes, context.record_routing)
