"""Counts of replicas in memory."""

from collections.abc import Sequence

from domain.ports import ReplicaCounts, ReplicaReport


class InMemoryReplicaCounts(ReplicaCounts):
    """Returns the reports that it was given last."""

    def __init__(self, reports: Sequence[ReplicaReport] = ()) -> None:
        self.reports = tuple(reports)

    def read(self) -> tuple[ReplicaReport, ...]:
        """Return the reports."""
        return self.reports
