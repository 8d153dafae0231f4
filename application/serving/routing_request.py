"""Routing request: what decides which model of a rollout answers a request."""

from abc import abstractmethod
from enum import StrEnum
from typing import Protocol

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


class RoutingRequest(Protocol):
    """A request, as a rollout routes it.

    Attributes
    ----------
    pin : Role or None
        The model that the client has chosen, `CHAMPION` or `CHALLENGER`; the request is in no evidence then.
    body_bytes : int
        Length of the request's body.
    """

    pin: Role | None
    body_bytes: int

    @abstractmethod
    def routing_key(self) -> str:
        """Return the key that decides which model answers."""

    @abstractmethod
    def record_routing(self, rollout: Rollout, role: Role) -> None:
        """Record the model that is to answer, also if that fails afterwards."""
