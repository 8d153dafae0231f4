"""Replica drift: the drift windows of several hosts, and their sum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from domain.monitoring.drift_window import DriftWindow


@dataclass(frozen=True, slots=True)
class ReplicaDrift:
    """What one host has counted.

    Parameters
    ----------
    name : str
    window : DriftWindow or None
        None before the first row, and if it cannot be read.
    problem : str
        Why it cannot be read, empty if it was read.
    """

    name: str
    window: DriftWindow | None = None
    problem: str = ""


def total_window(version: str, replicas: Iterable[ReplicaDrift]) -> DriftWindow | None:
    """Return the sum of the windows of a version, None without any.

    It began with the first of them. With each window of a host, the sum is another window.
    """
    windows = [each.window for each in replicas if each.window and each.window.version == version]
    return reduce(_sum, windows) if windows else None


def unread(replicas: Sequence[ReplicaDrift]) -> bool:
    """Return whether none of the hosts can be read."""
    return all(replica.problem for replica in replicas)


def _sum(first: DriftWindow, second: DriftWindow) -> DriftWindow:
    size = max(len(first.counts), len(second.counts))
    return DriftWindow(
        version=first.version,
        since=min(first.since, second.since),
        looks=first.looks + second.looks - 1,
        rows=first.rows + second.rows,
        counts=first.fitted(size) + second.fitted(size),
    )
