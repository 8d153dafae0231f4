"""Replica report: reads the counts of a rollout from a replica's metrics in Prometheus' text format."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from prometheus_client.parser import text_string_to_metric_families

from domain.delivery.counts import TRUTH_POINTS, RolloutCounts
from domain.delivery.order import Order
from domain.ports import ReplicaReport

PREFIX = "endeavour_"
# Other metrics, such as durations, are not parsed.
READ = (
    *("endeavour_rollout_", "endeavour_order_info", "endeavour_started_seconds"),
    *("endeavour_http_requests_total", "endeavour_predictions_"),
)
MAX_SERIES, MAX_NUMBER = 4096, 2**53
Labels = frozenset[tuple[str, str]]


def replica_report(replica: str, text: str) -> ReplicaReport:
    """Return the report of the metrics `text`, or raise `ValueError` if they are malformed or of another program."""
    metrics = _Metrics.parse(text)
    started = metrics.number("started_seconds")
    if not started:
        raise ValueError("the metrics have no time of a start")
    ids = metrics.texts("rollout_info", "id")
    return ReplicaReport(
        replica,
        started=started,
        # Workers of a replica differ for a moment after a change: it applies neither rollout then.
        rollout=ids.pop() if len(ids) == 1 else "",
        ready=metrics.number("rollout_ready") == 1,
        weight=metrics.count("rollout_weight"),
        generation=metrics.count("rollout_generation"),
        counts=_counts(metrics),
        answers=_answers(metrics),
        orders=tuple(_orders(metrics)),
    )


def _counts(metrics: "_Metrics") -> RolloutCounts:
    def by_model(name: str, model: str, **labels: str) -> int:
        return metrics.count(f"rollout_{name}_total", model=model, **labels)

    answers = {
        (model, outcome): by_model("answers", model, key="request", outcome=outcome)
        for model in ("baseline", "candidate")
        for outcome in ("ok", "bad")
    }
    by_entity = [by_model("answers", "candidate", key="entity", outcome=outcome) for outcome in ("ok", "bad")]
    points = (f"{point:02}" for point in range(TRUTH_POINTS))
    return RolloutCounts(
        pairs=metrics.count("rollout_pairs_total", outcome="compared"),
        failed_baseline=by_model("failures", "baseline"),
        failed_candidate=by_model("failures", "candidate"),
        failed_both=by_model("failures", "both"),
        slow_baseline=by_model("slow_evaluations", "baseline"),
        slow_candidate=by_model("slow_evaluations", "candidate"),
        differences=metrics.count("rollout_differences_total"),
        squared_errors=tuple(metrics.count("rollout_squared_errors_total", point=point) for point in points),
        answers_baseline=answers["baseline", "ok"] + answers["baseline", "bad"],
        bad_baseline=answers["baseline", "bad"],
        answers_candidate=answers["candidate", "ok"] + answers["candidate", "bad"],
        bad_candidate=answers["candidate", "bad"],
        entity_answers=sum(by_entity),
    )


def _answers(metrics: "_Metrics") -> int:
    """Return the answered requests of the routes that predict."""
    routes = metrics.texts("predictions_total", "route")
    return sum(metrics.count("http_requests_total", route=route, status="200") for route in routes)


def _orders(metrics: "_Metrics") -> Iterator[Order]:
    """Yield the orders of the replica; a malformed one is none, so that it does not hide the counts."""
    for name, labels in metrics.values:
        if name == f"{PREFIX}order_info":
            with suppress(ValueError):
                yield Order.from_values(dict(labels))


@dataclass(frozen=True, slots=True)
class _Metrics:
    """Values by name of the metric and its labels; a series that is missing is 0."""

    values: Mapping[tuple[str, Labels], float]

    @classmethod
    def parse(cls, text: str) -> Self:
        lines = [line for line in text.splitlines() if line.startswith(READ)]
        if len(lines) > MAX_SERIES:
            raise ValueError(f"the metrics have more than {MAX_SERIES:,} series")
        return cls(dict(_samples("\n".join(lines) + "\n")))

    def number(self, name: str, **labels: str) -> float:
        value = self.values.get((f"{PREFIX}{name}", frozenset(labels.items())), 0.0)
        if not 0 <= value <= MAX_NUMBER:
            raise ValueError("a metric is outside the range from 0 to 2⁵³")
        return value

    def count(self, name: str, **labels: str) -> int:
        value = self.number(name, **labels)
        if not value.is_integer():
            raise ValueError("a count is not a whole number")
        return int(value)

    def texts(self, name: str, label: str) -> set[str]:
        """Return the values of a label."""
        found = (dict(labels) for series, labels in self.values if series == f"{PREFIX}{name}")
        return {labels.get(label, "") for labels in found}


def _samples(text: str) -> Iterator[tuple[tuple[str, Labels], float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield (sample.name, frozenset(sample.labels.items())), float(sample.value)
