"""Scrape of replicas: reads the metrics of every replica at the same time, by one deadline."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from threading import Thread
from typing import TypeVar
from urllib.parse import urlsplit

from adapters.prometheus.replica_address import ReplicaAddress
from adapters.prometheus.scrape import LATE, Scrape, Unreadable

T = TypeVar("T")

# For looking up all names, and again for reading all replicas.
SECONDS = 1.0
MAX_REPLICAS = 256


def scrape_replicas(
    urls: Sequence[str], parse: Callable[[str, str], T], failed: Callable[[str, str], T], key: str | None = None
) -> tuple[T, ...]:
    """Return a report of each replica; a name that resolves to several addresses is several replicas.

    Parameters
    ----------
    urls : sequence of str
        Each with its scheme; without a path, `/metrics` is read.
    parse : callable
        Returns the report of a replica and its metrics, or raises `ValueError` if they are of another program.
    failed : callable
        Returns the report of a replica and why it cannot be read.
    key : str or None
        API key for replicas that ask for one, '' if none was given; None if the reader takes none.
    """
    lookups = [_started(partial(ReplicaAddress.of, url)) for url in urls]
    wait(lookups, SECONDS)
    unknown = [urlsplit(url).netloc for url, lookup in zip(urls, lookups, strict=True) if not _has_ended(lookup)]
    found = dict.fromkeys(replica for lookup in lookups if _has_ended(lookup) for replica in lookup.result())
    replicas, left_out = list(found)[:MAX_REPLICAS], list(found)[MAX_REPLICAS:]
    return (
        *(failed(netloc, "the name of its host cannot be resolved") for netloc in unknown),
        *_reports([Scrape(replica, SECONDS, key) for replica in replicas], partial(_report, parse, failed), failed),
        *(failed(str(replica), f"more than {MAX_REPLICAS} replicas") for replica in left_out),
    )


def _reports(scrapes: Sequence[Scrape], report: Callable[[str, Scrape], T], failed: Callable[[str, str], T]) -> list[T]:
    reports = [_started(partial(report, str(scrape.replica), scrape)) for scrape in scrapes]
    in_time, _ = wait(reports, SECONDS)
    for scrape in scrapes:
        scrape.abort()
    return [
        report.result() if report in in_time else failed(str(scrape.replica), LATE)
        for scrape, report in zip(scrapes, reports, strict=True)
    ]


def _report(parse: Callable[[str, str], T], failed: Callable[[str, str], T], replica: str, scrape: Scrape) -> T:
    try:
        return parse(replica, scrape.read())
    except Unreadable as error:
        return failed(replica, str(error))
    except ValueError:
        return failed(replica, "its metrics are not those of this release of Endeavour")


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
