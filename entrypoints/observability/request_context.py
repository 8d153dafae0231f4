"""Context of one request: filled by middleware and routes, and read for the access log and the metrics."""

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from application.serving.predict_rows import Predictions
from application.serving.routing_request import KeyKind
from domain.delivery.labels import LabelCounts
from domain.delivery.rollout import Rollout
from domain.delivery.routing import Role
from domain.delivery.served_model import ServedModel
from domain.model.row_counts import RowCounts

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ENVIRON_KEY = "endeavour.request_context"
SAFE_ENTITY_ID = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
# To look up a member of an enumeration costs as much as to call a function.
ENTITY, REQUEST, UNFIT, PINNED = KeyKind


class Permit(Protocol):
    """Permission to process a request: acquired after its body was read, so that slow bodies hold none."""

    def reading_body(self) -> AbstractContextManager[object]:
        """Count the request among those whose body is being read, or raise an error if there are too many."""

    def acquire(self) -> None:
        """Wait for the permission, or raise an error if too many requests hold one."""


@dataclass(slots=True, eq=False)
class RequestContext:
    """Context of a request, and its `RoutingRequest`; middleware and routes set the fields that have a default."""

    # The client's id if it is harmless in a header and in the log, else a new one.
    request_id: str
    method: str
    path: str
    # Unix time in seconds.
    started_at: float
    # Of the client's trace (W3C Trace Context).
    trace_id: str | None = None
    # The client's name of the entity that the rows are about.
    entity_id: str | None = None
    # The rule that matches the path, else `other`, because paths of clients must not become label values.
    route: str = "other"
    # Three digits; 500 until the application begins a response, because the server then makes one of its own.
    status: str = "500"
    seconds: float = 0.0
    # Id of the API key.
    key: str | None = None
    # Whether the key has the role `operate`, or the server has no keys.
    may_operate: bool = True
    body_bytes: int = 0
    # The model that the client has chosen.
    pin: Role | None = None
    # During a rollout.
    key_kind: KeyKind | None = None
    rollout: Rollout | None = None
    role: Role | None = None
    rows: int | None = None
    snapshot: ServedModel | None = None
    row_counts: RowCounts | None = None
    # For the comparison with the training rows: all, and some or none of them once the request is answered.
    predictions: Predictions | None = None
    label_counts: LabelCounts | None = None
    # Of the problem, if the response is one.
    code: str | None = None
    # Set by the concurrency limiter.
    permit: Permit = field(init=False)

    def record_predictions(self, predictions: Predictions) -> None:
        """Record the number of rows, those that the model had to fill or has not seen, and the model."""
        self.rows, self.snapshot = len(predictions.values), predictions.snapshot
        self.row_counts = predictions.row_counts
        self.predictions = predictions

    def routing_key(self) -> str:
        """Return the entity's name if it is well-formed, else the request's id; record which of them."""
        entity = self.entity_id
        if entity is None:
            self.key_kind = REQUEST
        elif SAFE_ENTITY_ID.fullmatch(entity):
            self.key_kind = ENTITY
            return entity
        else:
            self.key_kind = UNFIT
        return self.request_id

    def record_routing(self, rollout: Rollout, role: Role) -> None:
        """Record which model of a rollout is to answer."""
        self.rollout, self.role = rollout, role
        if self.pin is not None:
            self.key_kind = PINNED


def context_of(environ: "WSGIEnvironment") -> RequestContext:
    """Return the context of the request that `environ` belongs to."""
    context: RequestContext = environ[ENVIRON_KEY]
    return context
