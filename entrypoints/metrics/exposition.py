"""Figures in the formats that Prometheus reads."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from domain.mirror_report import RegistryState, RegistryWord
from entrypoints.metrics.figures import BOUNDS, Series, State

OPENMETRICS = "application/openmetrics-text"
# By name of the series: name of the metric without prefix, labels, help.
COUNTERS = {
    "requests": ("requests", ("route", "status"), "Requests that were answered."),
    "rows": ("rows", ("route",), "Rows that were predicted."),
    "refused": ("refused", ("code",), "Requests that were answered with a problem."),
    "mirror": ("mirror_outcomes", ("outcome",), "Questions to the registry, by what came of them."),
    "log_lines_dropped": ("log_lines_dropped", (), "Log lines that were dropped because the log was not read."),
}


def exposition(
    sums: Mapping[Series, float], states: Sequence[State], registry: RegistryWord | None, accept: str
) -> tuple[bytes, str]:
    """Return all metrics and their media type: OpenMetrics if `accept` asks for it, else Prometheus' text."""
    shown = _Shown([*_counted(sums), *_of_workers(states), *_of_registry(registry)])
    # The library's own choice fails if a client names a version that is none.
    if OPENMETRICS in accept:
        return openmetrics.generate_latest(shown), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]  # it has no annotations
    return generate_latest(shown), CONTENT_TYPE_PLAIN_0_0_4


class _Shown(Collector):
    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics


def _counted(sums: Mapping[Series, float]) -> Iterator[Metric]:
    by_name: defaultdict[str, dict[Series, float]] = defaultdict(dict)
    for series, value in sorted(sums.items()):
        by_name[series[0]][series[1:]] = value
    for name, (shown, labels, meaning) in COUNTERS.items():
        family = CounterMetricFamily(f"endeavour_{shown}", meaning, labels=labels)
        for values, value in by_name[name].items():
            family.add_metric(values, value)
        yield family
    yield _durations(by_name["durations"], by_name["seconds"])


def _durations(counts: Mapping[Series, float], seconds: Mapping[Series, float]) -> Metric:
    family = HistogramMetricFamily(
        "endeavour_request_duration_seconds", "Time until the answer was there.", labels=("route",)
    )
    for (route,), total in seconds.items():
        buckets, below = [], 0.0
        for number, bound in enumerate((*BOUNDS, "+Inf")):
            below += counts.get((route, str(number)), 0.0)
            buckets.append((str(bound), below))
        family.add_metric((route,), buckets, total)
    return family


def _of_workers(states: Sequence[State]) -> Iterator[Metric]:
    yield _gauge("workers", "Processes that answer requests.", {(): len(states)})
    in_flight = sum(state["in_flight"] for state in states)
    yield _gauge("requests_in_flight", "Requests being worked on, a moment ago.", {(): in_flight})
    models: dict[Series, float] = {
        (str(state["version"]), str(state["source"])): 1.0 for state in states if "version" in state
    }
    yield _gauge("model_info", "What is served now.", models, "version", "source")


def _of_registry(registry: RegistryWord | None) -> Iterator[Metric]:
    if registry is None:
        return
    yield _gauge("registry_up", "Whether the registry answers.", {(): registry.state is not RegistryState.DOWN})
    states: dict[Series, float] = {(str(state),): float(state is registry.state) for state in RegistryState}
    yield _gauge("registry_state", "How the registry is found.", states, "state")
    if registry.seconds is not None:
        yield _gauge("registry_age_seconds", "Since the registry last answered.", {(): registry.seconds})


def _gauge(name: str, meaning: str, values: Mapping[Series, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(f"endeavour_{name}", meaning, labels=labels)
    for of_labels, value in sorted(values.items()):
        family.add_metric(of_labels, value)
    return family
