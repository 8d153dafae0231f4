"""Replica counts: the reports of all replicas about a rollout, from their metrics."""

from collections.abc import Sequence

from adapters.prometheus.replica_report import replica_report
from adapters.prometheus.scrape_replicas import scrape_replicas
from domain.ports import ReplicaCounts, ReplicaReport


class PrometheusReplicaCounts(ReplicaCounts):
    """Reads `/metrics` of all replicas; a name that resolves to several addresses is several replicas.

    Parameters
    ----------
    urls : sequence of str
        Each with its scheme; without a path, `/metrics` is read.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls

    def read(self) -> tuple[ReplicaReport, ...]:
        """Return a report for each replica; one that cannot be read has a `problem`."""
        return scrape_replicas(self._urls, replica_report, ReplicaReport)
