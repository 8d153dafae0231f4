"""The ledger in the formats that Prometheus reads."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from entrypoints.metrics.ledger import Ledger, Series
from entrypoints.metrics.registry_watch import CONFIRMED_AT, UP
from entrypoints.metrics.tally import BOUNDS

OPENMETRICS = "application/openmetrics-text"
# By name in the ledger: name without prefix, labels, help.
COUNTERS = {
    "requests": ("requests", ("route", "status"), "Requests that were answered."),
    "rows": ("rows", ("route",), "Rows that were predicted."),
    "refused": ("refused", ("code",), "Requests that were answered with a problem."),
    "mirror": ("mirror_outcomes", ("outcome",), "Questions to the registry, by what came of them."),
    "log_lines_dropped": ("log_lines_dropped", (), "Log lines given up because nobody read them."),
}


def exposition(ledger: Ledger, accept: str) -> tuple[bytes, str]:
    """Return all metrics and their media type: OpenMetrics if `accept` asks for it, else Prometheus' text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LedgerCollector(ledger))
    # The library's own choice fails if a client names a version that is none.
    if OPENMETRICS in accept:
        return openmetrics.generate_latest(registry), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]  # it has no annotations
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


class LedgerCollector(Collector):
    """Makes metrics of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        by_name: defaultdict[str, dict[Series, float]] = defaultdict(dict)
        for series, value in self._ledger.sums().items():
            by_name[series[0]][series[1:]] = value
        for name, (shown, labels, told) in COUNTERS.items():
            family = CounterMetricFamily(f"endeavour_{shown}", told, labels=labels)
            for series, value in sorted(by_name[name].items()):
                family.add_metric(series, value)
            yield family
        yield _durations(by_name["durations"], by_name["seconds"])
        yield from _of_processes(self._ledger.words())
        yield from _of_registry(by_name["registry"])


def _durations(counts: dict[Series, float], seconds: dict[Series, float]) -> Metric:
    family = HistogramMetricFamily(
        "endeavour_request_duration_seconds", "Time until the answer was there.", labels=("route",)
    )
    bounds = [*map(str, BOUNDS), "+Inf"]
    for (route,), total in sorted(seconds.items()):
        buckets, below = [], 0.0
        for number, bound in enumerate(bounds):
            below += counts.get((route, str(number)), 0.0)
            buckets.append((bound, below))
        family.add_metric((route,), buckets, total)
    return family


def _of_processes(words: Iterable[dict[str, object]]) -> Iterator[Metric]:
    workers = list(words)
    yield GaugeMetricFamily("endeavour_workers", "Processes that answer requests.", len(workers))
    in_flight = sum(int(str(word["in_flight"])) for word in workers)
    yield GaugeMetricFamily("endeavour_requests_in_flight", "Requests being worked on, a moment ago.", in_flight)
    models = Counter((str(word["version"]), str(word["source"])) for word in workers if "version" in word)
    info = GaugeMetricFamily("endeavour_model_info", "What is served now.", labels=("version", "source"))
    for served in sorted(models):
        info.add_metric(served, 1)
    yield info


def _of_registry(values: dict[Series, float]) -> Iterator[Metric]:
    if UP[1:] in values:
        yield GaugeMetricFamily("endeavour_registry_up", "Whether the last question was answered.", values[UP[1:]])
    if CONFIRMED_AT[1:] in values:
        age = max(0.0, time.time() - values[CONFIRMED_AT[1:]])
        yield GaugeMetricFamily("endeavour_registry_age_seconds", "Since the registry last named the champion.", age)
