"""Routing request: what decides which model of a rollout answers a request."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from domain.delivery.rollout import Rollout
from domain.delivery.routing import Role


class KeyKind(StrEnum):
    """Kind of the key that a request is routed by."""

    ENTITY = "entity"
    """The client's name of the entity that the rows are about, whose requests one model answers."""
    REQUEST = "request"
    """The id of the request."""
    UNFIT = "unfit"
    """The id of the request, because the name of the entity is malformed."""
    PINNED = "pinned"
    """None: the client has chosen the model."""


class RoutingRequest(NamedTuple):
    """Key of a request, or the model that its client has chosen.

    Parameters
    ----------
    key : str
    pin : Role or None
        The chosen model, `CHAMPION` or `CHALLENGER`; the request is in no evidence then.
    body_bytes : int
        Length of the request's body.
    record : callable
        Called with the rollout and the role of the model that is to answer, also if that fails afterwards.
    """

    key: str
    pin: Role | None
    body_bytes: int
    record: Callable[[Rollout, Role], None]
