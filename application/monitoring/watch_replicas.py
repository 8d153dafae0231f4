"""WatchReplicas: reads what the other hosts of the service do, and keeps their traffic and when each reported last."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from domain.monitoring.facts import Replica
from domain.monitoring.traffic import Traffic
from domain.ports import ReplicaBoard, ReplicaState, ReplicaStates, TrafficLog
from domain.ports.monitoring import NO_VERSION

# What a host has answered in a longer silence belongs to no period.
MAX_SILENT_SECONDS = 60.0


class Seen(NamedTuple):
    """When a host reported last, that report, the host as others see it, and what it has answered since the last look.

    `at` is of the first look for a host that has never reported.
    """

    at: float
    report: ReplicaState
    replica: Replica
    answered: Traffic = Traffic()


class WatchReplicas:
    """Put the other hosts on the board, and add their traffic to a log; each call is one look.

    Parameters
    ----------
    states : ReplicaStates
    board : ReplicaBoard
    traffic : TrafficLog
        Of all other hosts; without their versions.
    monotonic, unix_time : callable
    started : float
        Unix time of the start of this server, by which it is found among the hosts.
    """

    def __init__(
        self,
        states: ReplicaStates,
        board: ReplicaBoard,
        traffic: TrafficLog,
        monotonic: Callable[[], float],
        unix_time: Callable[[], float],
        started: float,
    ) -> None:
        self._states, self._board, self._traffic = states, board, traffic
        self._monotonic, self._unix_time, self._started = monotonic, unix_time, started
        self._last: dict[str, Seen] = {}
        self._own: set[str] = set()

    def __call__(self) -> None:
        """Look once."""
        reports = self._states.read()
        self._own = {report.name for report in reports if self._is_own(report)}
        now, last = self._monotonic(), self._last
        hosts = Counter({report.started: report.host for report in reports if not report.problem}.values())
        # A host that is no longer named is left out, as after a smaller number of replicas was asked for.
        self._last = {
            report.name: _seen(report, now, last.get(report.name), hosts)
            for report in reports
            if report.name not in self._own
        }
        # A host with several addresses is one.
        seen = {each.report.started or each.report.name: each for each in reversed(self._last.values())}
        self._board.put(each.replica for each in reversed(seen.values()))
        answered = sum((each.answered for each in seen.values()), Traffic())
        if answered.answered:
            self._traffic.add({NO_VERSION: answered}, self._unix_time())

    def _is_own(self, report: ReplicaState) -> bool:
        """Return whether the report is of this server; one that cannot be read now is what it was before."""
        return report.name in self._own if report.problem else report.started == self._started


def _seen(report: ReplicaState, now: float, last: Seen | None, hosts: Mapping[str, int]) -> Seen:
    """Return what is known of a host; `hosts` counts the hosts with a name."""
    if report.problem:
        at, before, replica, _ = last or Seen(now, ReplicaState(report.name), Replica(report.name))
        return Seen(at, before, replace(replica, silent_seconds=now - at, per_second=0.0))
    # A person recognizes the name of a machine; servers of one machine have their addresses.
    name = report.host if hosts[report.host] == 1 and report.host else report.name
    replica = Replica(name, report.version, report.source)
    # The counters of a server begin anew with its start.
    if last is None or last.report.started != report.started or not 0 < now - last.at <= MAX_SILENT_SECONDS:
        return Seen(now, report, replica)
    answered = report.traffic.since(last.report.traffic)
    return Seen(now, report, replace(replica, per_second=answered.answered / (now - last.at)), answered)
