"""Replica states: which version the hosts of the service serve, and how much they answer, from their metrics."""

import math
from collections.abc import Sequence

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from adapters.prometheus.scrape_replicas import scrape_replicas
from domain.ports import ReplicaState, ReplicaStates

STARTED, MODEL, ROWS = "endeavour_started_seconds", "endeavour_model_info", "endeavour_predictions_total"
REQUESTS = "endeavour_http_requests_total"
READ = tuple(f"{name}{after}" for name in (STARTED, MODEL, ROWS, REQUESTS) for after in ("{", " "))
MAX_SERIES, MAX_NUMBER = 4096, 2**53


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
    routes = {sample.labels.get("route") for sample in samples if sample.name == ROWS}
    answers = sum(
        sample.value for sample in samples if sample.name == REQUESTS and sample.labels.get("route") in routes
    )
    if not 0 <= answers <= MAX_NUMBER:
        raise ValueError("a count is out of range")
    return ReplicaState(
        name,
        started=started[0],
        version=model.get("version", ""),
        source=model.get("source", ""),
        answers=int(answers),
    )


def _samples(text: str) -> list[Sample]:
    lines = [line for line in text.splitlines() if line.startswith(READ)]
    if len(lines) > MAX_SERIES:
        raise ValueError(f"the metrics have more than {MAX_SERIES:,} series")
    return [sample for family in text_string_to_metric_families("\n".join(lines) + "\n") for sample in family.samples]
