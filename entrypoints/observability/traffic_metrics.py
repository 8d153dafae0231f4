"""Traffic metrics: prediction requests and labels of a worker by version, as series of a report and as traffic."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple

from domain.delivery.routing import Role
from domain.delivery.served_model import ServedModels
from domain.monitoring.traffic import COUNTS, LATENCY_BUCKETS, Traffic
from domain.ports.monitoring import NO_VERSION
from entrypoints.observability.metrics.series import DURATION_BUCKETS_SECONDS, Series
from entrypoints.observability.request_context import RequestContext
from entrypoints.observability.rollout_metrics import FAILURES

TRAFFIC = "traffic"
# Others, such as those of the console, are no traffic of a model.
PREDICTION_ROUTES = frozenset(
    {
        "/stream",
        "/batch",
        "/explain",
        "/invocations",
        "/v2/models/<name>/infer",
        "/v2/models/<name>/versions/<version>/infer",
    }
)
ANSWERED, FAILED, REFUSED, OVERLOADED, ROWS, SECONDS, LABELS, SQUARED, ABSOLUTE = range(len(COUNTS))
WIDTH = len(COUNTS) + LATENCY_BUCKETS


def count_traffic(
    contexts: Iterable[RequestContext], models: ServedModels | None, amounts: defaultdict[Series, float]
) -> None:
    """Count prediction requests by the version that answered, or that failed to, and labels by their version."""
    tallies: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * WIDTH)
    for context in contexts:
        if context.label_counts:
            for version, errors in context.label_counts.errors.items():
                for place, amount in zip((LABELS, SQUARED, ABSOLUTE), astuple(errors), strict=True):
                    tallies[version][place] += amount
        if context.route not in PREDICTION_ROUTES:
            continue
        snapshot, status, seconds = context.snapshot, context.status, context.seconds
        tally = tallies[snapshot.version.name if snapshot else _failed_version(context, models)]
        tally[ANSWERED] += 1
        tally[SECONDS] += seconds
        tally[len(COUNTS) + bisect_left(DURATION_BUCKETS_SECONDS, seconds)] += 1
        if status == "200":
            tally[ROWS] += context.rows or 0
        else:
            tally[REFUSED if status < "500" else FAILED] += 1
            tally[OVERLOADED] += context.code == "overloaded"
    for version, tally in tallies.items():
        for place, amount in enumerate(tally):
            if amount:
                amounts[TRAFFIC, version, str(place)] += amount


def traffic_of(amounts: Mapping[Series, float]) -> dict[str, Traffic]:
    """Return the traffic by version in a report; other series are ignored."""
    tallies: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * WIDTH)
    for series, amount in amounts.items():
        if series[0] == TRAFFIC:
            tallies[series[1]][int(series[2])] += amount
    return {version: _traffic(tally) for version, tally in tallies.items()}


def _traffic(tally: list[float]) -> Traffic:
    answered, failed, refused, overloaded, rows, seconds, labels, squared, absolute = tally[: len(COUNTS)]
    return Traffic(
        answered=int(answered),
        failed=int(failed),
        refused=int(refused),
        overloaded=int(overloaded),
        rows=int(rows),
        seconds=seconds,
        labels=int(labels),
        squared_errors=squared,
        absolute_errors=absolute,
        latencies=tuple(map(int, tally[len(COUNTS) :])),
    )


def _failed_version(context: RequestContext, models: ServedModels | None) -> str:
    """Return the version that was to answer, `NO_VERSION` if the request did not reach a model."""
    if context.code not in FAILURES or models is None:
        return NO_VERSION
    if models.rollout and context.role is Role.CHALLENGER:
        return models.rollout.challenger.version.name
    return models.champion.version.name
