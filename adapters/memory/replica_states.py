"""States of replicas, and the board of them, in memory."""

from collections.abc import Iterable, Sequence

from domain.monitoring.facts import Replica
from domain.ports import ReplicaBoard, ReplicaState, ReplicaStates


class InMemoryReplicaStates(ReplicaStates):
    """Returns the reports that it was given last."""

    def __init__(self, reports: Sequence[ReplicaState] = ()) -> None:
        self.reports = tuple(reports)

    def read(self) -> tuple[ReplicaState, ...]:
        """Return the reports."""
        return self.reports


class InMemoryReplicaBoard(ReplicaBoard):
    """Keeps the last list."""

    def __init__(self) -> None:
        self._replicas: tuple[Replica, ...] = ()

    def put(self, replicas: Iterable[Replica]) -> None:
        """Replace the list."""
        self._replicas = tuple(replicas)

    def read(self) -> tuple[Replica, ...]:
        """Return the list."""
        return self._replicas
