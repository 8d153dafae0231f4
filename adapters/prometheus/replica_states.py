"""Replica states: which version the hosts of the service serve, and what they have answered, from their metrics."""

import math
from collections import defaultdict
from collections.abc import Sequence

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from adapters.prometheus.scrape_replicas import scrape_replicas
from domain.monitoring.traffic import LATENCY_BOUNDS_SECONDS, Traffic
from domain.ports import ReplicaState, ReplicaStates

STARTED, MODEL, HOST = "endeavour_started_seconds", "endeavour_model_info", "endeavour_host_info"
REQUESTS, ROWS = "endeavour_http_requests_total", "endeavour_predictions_total"
DURATIONS = "endeavour_http_request_duration_seconds"
OF_HOST, OF_ROUTE = (STARTED, MODEL, HOST), (REQUESTS, ROWS, f"{DURATIONS}_")
# Of the metrics of other routes, such as those of the console, nothing is read.
PREDICTION_ROUTES = (
    *("/stream", "/batch", "/explain", "/invocations"),
    *("/v2/models/<name>/infer", "/v2/models/<name>/versions/<version>/infer"),
)
ROUTES = tuple(f'route="{route}"' for route in PREDICTION_ROUTES)
MAX_SERIES, MAX_NUMBER, MAX_NAME_CHARACTERS = 4096, 2**53, 128


class PrometheusReplicaStates(ReplicaStates):
    """Reads `/metrics` of serving hosts; a name that resolves to several addresses is several hosts.

    Parameters
    ----------
    urls : sequence of str
        Each with its scheme; without a path, `/metrics` is read.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls

    def read(self) -> tuple[ReplicaState, ...]:
        """Return the state of each host; one that cannot be read has a `problem`."""
        return scrape_replicas(self._urls, _state, ReplicaState)


def _state(name: str, text: str) -> ReplicaState:
    """Return the state in the metrics `text`, or raise `ValueError` if they are malformed or of another program."""
    samples = _samples(text)
    started = [sample.value for sample in samples if sample.name == STARTED]
    if len(started) != 1 or not math.isfinite(started[0]):
        raise ValueError("the metrics have no time of a start")
    models = [sample.labels for sample in samples if sample.name == MODEL]
    # Workers of a host differ for a moment after a promotion.
    model = models[0] if len(models) == 1 else {}
    hosts = [sample.labels.get("name", "") for sample in samples if sample.name == HOST]
    return ReplicaState(
        name,
        started=started[0],
        version=model.get("version", "")[:MAX_NAME_CHARACTERS],
        source=model.get("source", "")[:MAX_NAME_CHARACTERS],
        host="".join(hosts)[:MAX_NAME_CHARACTERS],
        traffic=_traffic(samples),
    )


def _traffic(samples: Sequence[Sample]) -> Traffic:
    """Return the prediction requests of all routes together."""
    counts: defaultdict[str, float] = defaultdict(float)
    below: defaultdict[float, float] = defaultdict(float)
    for sample in samples:
        if "route" not in sample.labels:
            continue
        if not 0 <= sample.value <= MAX_NUMBER:
            raise ValueError("a count is out of range")
        counts[sample.name] += sample.value
        if sample.name == REQUESTS:
            counts[sample.labels.get("status", "")[:1]] += sample.value
        elif sample.name == f"{DURATIONS}_bucket":
            below[float(sample.labels.get("le", "nan"))] += sample.value
    up_to = [below[bound] for bound in (*LATENCY_BOUNDS_SECONDS, math.inf)]
    return Traffic(
        answered=int(counts[REQUESTS]),
        failed=int(counts["5"]),
        refused=int(counts["4"]),
        rows=int(counts[ROWS]),
        seconds=counts[f"{DURATIONS}_sum"],
        latencies=tuple(int(max(upper - lower, 0)) for lower, upper in zip([0, *up_to], up_to, strict=False)),
    )


def _samples(text: str) -> list[Sample]:
    lines = [
        line
        for line in text.splitlines()
        if line.startswith(OF_HOST) or (line.startswith(OF_ROUTE) and any(route in line for route in ROUTES))
    ]
    if len(lines) > MAX_SERIES:
        raise ValueError(f"the metrics have more than {MAX_SERIES:,} series")
    return [sample for family in text_string_to_metric_families("\n".join(lines) + "\n") for sample in family.samples]
