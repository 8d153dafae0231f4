"""Replica drifts: the rows that serving hosts have counted by bin, from their metrics."""

import math
from collections.abc import Sequence

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from adapters.prometheus.scrape_replicas import scrape_replicas
from domain.model.distributions import MAX_SIZE
from domain.monitoring.drift_window import DriftWindow
from domain.monitoring.replica_drift import ReplicaDrift
from domain.ports import ReplicaDrifts

PREFIX, READ = "endeavour_", ("endeavour_drift_rows{", "endeavour_drift_looks{", "endeavour_drift_since_")
BINS = "endeavour_drift_bin_rows{"
MAX_NUMBER = 2**53


class PrometheusReplicaDrifts(ReplicaDrifts):
    """Reads `/metrics` of serving hosts; a name that resolves to several addresses is several hosts.

    Parameters
    ----------
    urls : sequence of str
        Each with its scheme; without a path, `/metrics` is read.
    key : str
        API key for hosts that ask for one.
    """

    def __init__(self, urls: Sequence[str], key: str = "") -> None:
        self._urls, self._key = urls, key

    def read(self) -> tuple[ReplicaDrift, ...]:
        """Return what each host has counted; one that cannot be read has a `problem`."""
        return scrape_replicas(self._urls, _report, lambda name, why: ReplicaDrift(name, problem=why), self._key)


def _report(name: str, text: str) -> ReplicaDrift:
    """Return the report of the metrics `text`, or raise `ValueError` if they are malformed or of another program."""
    lines = text.splitlines()
    if not any(line.startswith(PREFIX) for line in lines):
        raise ValueError("not the metrics of Endeavour")
    numbers, counts, versions = {}, np.zeros(MAX_SIZE, dtype=np.int64), set()
    wanted = [line for line in lines if line.startswith((*READ, BINS))]
    for family in text_string_to_metric_families("\n".join(wanted) + "\n"):
        for sample in family.samples:
            versions.add(sample.labels.get("version", ""))
            if f"{sample.name}{{" == BINS:
                counts[_place(sample.labels.get("bin", ""))] = _count(sample.value)
            else:
                numbers[sample.name] = sample.value
    if not numbers:
        return ReplicaDrift(name)
    if len(versions) != 1:
        raise ValueError("the counts are of several versions")
    looks, rows = (_count(numbers.get(f"{PREFIX}drift_{what}", 0)) for what in ("looks", "rows"))
    since = numbers.get(f"{PREFIX}drift_since_seconds", 0.0)
    if looks < 1 or not math.isfinite(since):
        raise ValueError("a number is out of its range")
    return ReplicaDrift(name, DriftWindow(versions.pop(), since, looks, rows, counts))


def _place(text: str) -> int:
    place = int(text)
    if not 0 <= place < MAX_SIZE:
        raise ValueError("a bin is out of range")
    return place


def _count(value: float) -> int:
    if not (0 <= value <= MAX_NUMBER and float(value).is_integer()):
        raise ValueError("a count is not a whole number from 0 to 2⁵³")
    return int(value)
