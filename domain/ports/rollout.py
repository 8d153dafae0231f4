"""Ports of a rollout: its state, the orders about it, and the counts of the replicas."""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Protocol

from domain.delivery.counts import RolloutCounts
from domain.delivery.order import Order
from domain.delivery.rollout import Rollout, RolloutRecord, RolloutRequest


class RolloutStore(Protocol):
    """Keeps the state of a rollout with the version that is the champion of its stage.

    A promotion by hand therefore ends a rollout: the state of the new champion is none. Any method may raise
    `StoreUnavailable`.
    """

    @abstractmethod
    def read(self) -> RolloutRecord | None:
        """Return the state that the champion has and the last request, None if it has none or a damaged one."""

    @abstractmethod
    def write(self, rollout: Rollout, *, replacing: int) -> None:
        """Keep the state with `rollout.version_with_state`, if the state there has the generation `replacing`.

        Raises
        ------
        RolloutConflict
            If the state there has another generation, before the write or when it is read back; 0 stands for none.
        ModelNotFound
            If there is no such version.
        """

    @abstractmethod
    def remove(self, rollout: Rollout) -> None:
        """Remove the state and the request from `rollout.version_with_state`, if they are of this rollout."""

    @abstractmethod
    def request(self, request: RolloutRequest) -> None:
        """Replace the last request about the champion's rollout; raise `NoRollout` if that is another one or none."""

    @abstractmethod
    def reject(self, version: str, why: str) -> None:
        """Keep with `version` why a rollout of it was aborted; an empty `why` removes that.

        A version that does not exist keeps nothing.
        """

    @abstractmethod
    def rejection(self, version: str) -> str:
        """Return why a rollout of `version` was aborted, empty if none was."""


@dataclass(frozen=True, slots=True)
class ReplicaReport:
    """What one replica reports of a rollout, at one moment.

    Parameters
    ----------
    replica : str
        Its address.
    problem : str
        Why it did not report; all other fields have their defaults then.
    started : float
        Unix time at which its server started: its counts begin at zero then.
    rollout : str
        Id of the rollout that it applies, empty if none.
    ready : bool
        Whether it has the challenger, verified.
    weight : int
        Requests of 10,000 that it routes to the challenger.
    generation : int
        Of the state that it applies.
    counts : RolloutCounts
        Since its server started.
    answers : int
        Of all models since its server started, for the rate of requests.
    orders : tuple of Order
        Those that operators gave to it lately.
    """

    replica: str
    problem: str = ""
    started: float = 0.0
    rollout: str = ""
    ready: bool = False
    weight: int = 0
    generation: int = 0
    counts: RolloutCounts = field(default_factory=RolloutCounts)
    answers: int = 0
    orders: tuple[Order, ...] = ()


class ReplicaCounts(Protocol):
    """Reads the counts of all replicas."""

    @abstractmethod
    def read(self) -> tuple[ReplicaReport, ...]:
        """Return a report for each replica within some seconds; one that does not answer has a `problem`."""


class OrderBoard(Protocol):
    """Keeps the last orders that a serving host has accepted, for all its processes."""

    @abstractmethod
    def put(self, order: Order) -> Order:
        """Keep the order and return it, or return the one that is kept under its id."""

    @abstractmethod
    def orders(self) -> tuple[Order, ...]:
        """Return the last 16 orders by their times."""
