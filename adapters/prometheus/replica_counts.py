"""Replica counts: reads the metrics of every replica at the same time, by one deadline."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from threading import Thread
from typing import TypeVar
from urllib.parse import urlsplit

from adapters.prometheus.replica_address import ReplicaAddress
from adapters.prometheus.replica_report import replica_report
from adapters.prometheus.scrape import LATE, Scrape, Unreadable
from domain.ports import ReplicaCounts, ReplicaReport

T = TypeVar("T")

# For looking up all names, and again for reading all replicas.
SECONDS = 1.0
MAX_REPLICAS = 256


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
        lookups = [_started(partial(ReplicaAddress.of, url)) for url in self._urls]
        wait(lookups, SECONDS)
        unknown = [_unknown(url) for url, lookup in zip(self._urls, lookups, strict=True) if not _has_ended(lookup)]
        found = dict.fromkeys(replica for lookup in lookups if _has_ended(lookup) for replica in lookup.result())
        replicas, left_out = list(found)[:MAX_REPLICAS], list(found)[MAX_REPLICAS:]
        too_many = [ReplicaReport(str(replica), f"more than {MAX_REPLICAS} replicas") for replica in left_out]
        return (*unknown, *self._reports(replicas), *too_many)

    def _reports(self, replicas: Sequence[ReplicaAddress]) -> list[ReplicaReport]:
        scrapes = [Scrape(replica, SECONDS) for replica in replicas]
        reports = [
            _started(partial(_report, str(replica), scrape)) for replica, scrape in zip(replicas, scrapes, strict=True)
        ]
        in_time, _ = wait(reports, SECONDS)
        for scrape in scrapes:
            scrape.abort()
        return [
            report.result() if report in in_time else ReplicaReport(str(replica), LATE)
            for replica, report in zip(replicas, reports, strict=True)
        ]


def _report(replica: str, scrape: Scrape) -> ReplicaReport:
    try:
        return replica_report(replica, scrape.read())
    except Unreadable as error:
        return ReplicaReport(replica, str(error))
    except ValueError:
        return ReplicaReport(replica, "its metrics are not those of this release of Endeavour")


def _unknown(url: str) -> ReplicaReport:
    return ReplicaReport(urlsplit(url).netloc, "the name of its host cannot be resolved")


def _has_ended(lookup: "Future[T]") -> bool:
    return lookup.done() and lookup.exception() is None


def _started(work: Callable[[], T]) -> "Future[T]":
    """Return the outcome of `work` in a thread that no exit of the program waits for, as a lookup may take long."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:  # it is raised by `result`
            outcome.set_exception(error)

    Thread(target=run, name="replica", daemon=True).start()
    return outcome
