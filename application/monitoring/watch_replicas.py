"""WatchReplicas: reads what the other hosts of the service do, and keeps when each reported last."""

from collections.abc import Callable
from dataclasses import replace

from domain.monitoring.facts import Replica
from domain.ports import ReplicaBoard, ReplicaState, ReplicaStates


class WatchReplicas:
    """Put the other hosts on the board; each call is one look.

    Parameters
    ----------
    states : ReplicaStates
    board : ReplicaBoard
    monotonic : callable
    started : float
        Unix time of the start of this server, by which it is found among the hosts.
    """

    def __init__(
        self, states: ReplicaStates, board: ReplicaBoard, monotonic: Callable[[], float], started: float
    ) -> None:
        self._states, self._board, self._monotonic, self._started = states, board, monotonic, started
        self._last: dict[str, tuple[float, ReplicaState, Replica]] = {}
        self._own: set[str] = set()

    def __call__(self) -> None:
        """Look once."""
        reports = self._states.read()
        self._own = {report.name for report in reports if self._is_own(report)}
        now, last = self._monotonic(), self._last
        # A host that is no longer named is left out, as after a smaller number of replicas was asked for.
        self._last = {report.name: self._seen(report, now, last) for report in reports if report.name not in self._own}
        # A host with several addresses is one.
        hosts = {report.started or report.name: replica for _, report, replica in reversed(self._last.values())}
        self._board.put(reversed(hosts.values()))

    def _is_own(self, report: ReplicaState) -> bool:
        """Return whether the report is of this server; one that cannot be read now is what it was before."""
        return report.name in self._own if report.problem else report.started == self._started

    def _seen(
        self, report: ReplicaState, now: float, last: dict[str, tuple[float, ReplicaState, Replica]]
    ) -> tuple[float, ReplicaState, Replica]:
        """Return when the host reported last, that report, and the host as others see it."""
        at, before, replica = last.get(report.name, (now, ReplicaState(report.name), Replica(report.name)))
        if report.problem:
            return at, before, replace(replica, silent_seconds=now - at, per_second=0.0)
        is_same = before.started == report.started and now > at
        rate = max(0, report.answers - before.answers) / (now - at) if is_same else 0.0
        return now, report, Replica(report.name, report.version, report.source, 0.0, rate)
