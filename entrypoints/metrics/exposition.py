"""The ledger in the formats that Prometheus reads."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from domain.mirror_report import RegistryState, RegistryWord
from entrypoints.metrics.ledger import Ledger, Series
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


def exposition(ledger: Ledger, registry: RegistryWord | None, accept: str) -> tuple[bytes, str]:
    """Return all metrics and their media type: OpenMetrics if `accept` asks for it, else Prometheus' text."""
    shown = CollectorRegistry(auto_describe=False)
    shown.register(Shown(ledger, registry))
    # The library's own choice fails if a client names a version that is none.
    if OPENMETRICS in accept:
        return openmetrics.generate_latest(shown), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]  # it has no annotations
    return generate_latest(shown), CONTENT_TYPE_PLAIN_0_0_4


class Shown(Collector):
    """Makes metrics of a ledger and of what is known of the registry, None where there is none to ask."""

    def __init__(self, ledger: Ledger, registry: RegistryWord | None) -> None:
        self._ledger, self._registry = ledger, registry

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
        if self._registry:
            yield from _of_registry(self._registry)


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


def _of_registry(word: RegistryWord) -> Iterator[Metric]:
    up = float(word.state is not RegistryState.DOWN)
    yield GaugeMetricFamily("endeavour_registry_up", "Whether the registry answers.", up)
    state = GaugeMetricFamily("endeavour_registry_state", "How the registry is found.", labels=("state",))
    for known in RegistryState:
        state.add_metric((known,), float(word.state is known))
    yield state
    if word.seconds is not None:
        yield GaugeMetricFamily("endeavour_registry_age_seconds", "Since the registry last answered.", word.seconds)
