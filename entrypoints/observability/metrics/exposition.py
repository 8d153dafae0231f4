"""Exposition: the metrics in Prometheus' text format and in OpenMetrics."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from domain.delivery.sync_report import RegistryState, RegistryStatus
from entrypoints.observability.metrics import drift_families, feedback_families, rollout_families
from entrypoints.observability.metrics.feedback_sums import error_gauges
from entrypoints.observability.metrics.series import DURATION_BUCKETS_SECONDS, Series, State

# By name of the series, which is the metric's without its prefix: kind, labels and help.
FAMILIES: dict[str, tuple[type[CounterMetricFamily | GaugeMetricFamily], Series, str]] = {
    "http_requests": (CounterMetricFamily, ("route", "status"), "Answered requests."),
    "predictions": (CounterMetricFamily, ("route",), "Predicted rows."),
    "unseen_levels": (CounterMetricFamily, ("feature",), "Rows with a text that the training rows did not have."),
    "filled_values": (CounterMetricFamily, ("feature",), "Rows with an empty cell, which the model fills."),
    "http_errors": (CounterMetricFamily, ("code",), "Requests answered with a problem."),
    "registry_sync": (CounterMetricFamily, ("outcome",), "Polls of the registry, by outcome."),
    "log_lines_dropped": (CounterMetricFamily, (), "Log lines dropped because the log was not read."),
    "build_info": (GaugeMetricFamily, ("version", "revision"), "The running release and its commit."),
    "host_info": (GaugeMetricFamily, ("name",), "Name of the host."),
    "workers": (GaugeMetricFamily, (), "Processes that answer requests."),
    "requests_in_flight": (GaugeMetricFamily, (), "Requests that workers are processing."),
    "model_info": (GaugeMetricFamily, ("version", "source"), "The served model, and where it was read from."),
    "registry_up": (GaugeMetricFamily, (), "1 if the registry answers."),
    "registry_state": (GaugeMetricFamily, ("state",), "1 for the state of the registry at the last poll."),
    "registry_last_contact_age_seconds": (GaugeMetricFamily, (), "Seconds since the registry last answered."),
    "ledger_head_info": (GaugeMetricFamily, ("number", "hash"), "Last entry of the ledger that this host has seen."),
    "local_copy_ok": (GaugeMetricFamily, (), "1 if the champion's copy on this host can be written and read."),
    **feedback_families.FAMILIES,
    **drift_families.FAMILIES,
    "started_seconds": (GaugeMetricFamily, (), "Unix time of the server's start, when all counters were 0."),
    **rollout_families.FAMILIES,
}

OPENMETRICS = "application/openmetrics-text"


def exposition(
    sums: Mapping[Series, float], states: Sequence[State], registry: RegistryStatus | None, accept: str
) -> tuple[bytes, str]:
    """Return all metrics and their media type: OpenMetrics if `accept` asks for it, else Prometheus' text."""
    metrics = CollectorRegistry(auto_describe=False)
    metrics.register(_Metrics({**sums, **error_gauges(sums, states), **_gauges(states, registry)}))
    # The library's own choice fails for a version that is no number.
    if OPENMETRICS in accept:
        return openmetrics.generate_latest(metrics), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]  # it has no annotations
    return generate_latest(metrics), CONTENT_TYPE_PLAIN_0_0_4


class _Metrics(Collector):
    def __init__(self, values: Mapping[Series, float]) -> None:
        self._by_name: defaultdict[str, dict[Series, float]] = defaultdict(dict)
        for series, value in sorted(values.items()):
            self._by_name[series[0]][series[1:]] = value

    def collect(self) -> Iterator[Metric]:
        for name, (kind, labels, meaning) in FAMILIES.items():
            family = kind(f"endeavour_{name}", meaning, labels=labels)
            for of_labels, value in self._by_name[name].items():
                family.add_metric(of_labels, value)
            yield family
        yield _durations(self._by_name["durations"], self._by_name["seconds"])


def _durations(counts: Mapping[Series, float], seconds: Mapping[Series, float]) -> Metric:
    family = HistogramMetricFamily(
        "endeavour_http_request_duration_seconds", "Seconds until the response was ready.", labels=("route",)
    )
    bounds = [*map(str, DURATION_BUCKETS_SECONDS), "+Inf"]
    for (route,), total in seconds.items():
        below = accumulate(counts.get((route, str(number)), 0.0) for number in range(len(bounds)))
        family.add_metric((route,), list(zip(bounds, below, strict=True)), total)
    return family


def _gauges(states: Sequence[State], registry: RegistryStatus | None) -> dict[Series, float]:
    in_flight = sum(state["in_flight"] for state in states)
    gauges: dict[Series, float] = {("workers",): len(states), ("requests_in_flight",): in_flight}
    for state in states:
        if "version" in state:
            gauges["model_info", state["version"], state["source"]] = 1
    gauges |= rollout_families.rollout_gauges(states)
    if registry:
        gauges["registry_up",] = registry.state is not RegistryState.UNREACHABLE
        gauges["local_copy_ok",] = not registry.copy_problem
        gauges |= {("registry_state", state): state is registry.state for state in RegistryState}
        if registry.seconds is not None:
            gauges["registry_last_contact_age_seconds",] = registry.seconds
    return gauges
