"""Request recorder: counts and logs answered requests in batches, off the request path."""

import logging
import threading
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from application.serving.comparison_queue import ComparisonQueue
from application.serving.current_model import CurrentModel
from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ServedModels
from domain.model.row_counts import RowCounts
from entrypoints.observability.drift_metrics import DriftSampler
from entrypoints.observability.feedback_metrics import count_labels
from entrypoints.observability.log_writer import NonBlockingLogWriter
from entrypoints.observability.logs import as_line
from entrypoints.observability.metrics.aggregator import MetricsAggregator, MetricsChannel
from entrypoints.observability.metrics.feedback_sums import HELD_OUT_ROWS
from entrypoints.observability.metrics.series import DURATION_BUCKETS_SECONDS, Series, State
from entrypoints.observability.request_context import RequestContext
from entrypoints.observability.rollout_metrics import COMPARISONS, count_routed, rollout_state
from entrypoints.observability.traffic_metrics import count_traffic

log = logging.getLogger("endeavour.access")

CONSOLE = "/console"
MAX_PATH_CHARACTERS, MAX_METHOD_CHARACTERS = 200, 32
# More requests than a worker answers between two flushes; beyond them, the oldest are neither counted nor logged.
MAX_QUEUED_REQUESTS = 50_000
# In one report, whose length is limited; the name of a feature takes up to 2 KB.
MAX_FEATURE_SERIES = 64


class RequestRecorder:
    """Queues the context of each answered request; `flush` adds the queue to the metrics and to the access log.

    Parameters
    ----------
    metrics : MetricsAggregator or MetricsChannel
    current_model : CurrentModel
        The model that this process serves, for the gauge `model_info`.
    log_writer : NonBlockingLogWriter, optional
        Without it, the access log goes through `logging`, which takes longer.
    comparisons : ComparisonQueue, optional
        Counts of the comparisons of a rollout.
    """

    def __init__(
        self,
        metrics: MetricsAggregator | MetricsChannel,
        current_model: CurrentModel,
        log_writer: NonBlockingLogWriter | None = None,
        comparisons: ComparisonQueue | None = None,
    ) -> None:
        self._comparisons, self._drift = comparisons or ComparisonQueue(), DriftSampler()
        self._metrics, self._current_model, self._log_writer = metrics, current_model, log_writer
        self._in_flight: set[RequestContext] = set()
        self._answered: deque[RequestContext] = deque(maxlen=MAX_QUEUED_REQUESTS)
        self._flushing = threading.Lock()
        self._amounts: defaultdict[Series, float] = defaultdict(float)
        self._reported_drops = 0
        # A request waits for these three only; each is one step of C, which no other thread finds half done.
        self.begin = self._in_flight.add
        self._discard, self._append = self._in_flight.discard, self._answered.append

    def end(self, context: RequestContext) -> None:
        """Queue the context of a request that was answered."""
        self._drift.keep_or_drop(context)
        self._discard(context)
        self._append(context)

    def flush(self) -> None:
        """Count and log the queued requests.

        Raises
        ------
        OSError
            If the metrics do not take the counts in time; the next call adds them.
        """
        with self._flushing:
            contexts = [self._answered.popleft() for _ in range(len(self._answered))]
            models = self._models()
            state = self._state(models)
            _count(contexts, self._amounts)
            count_traffic(contexts, models, self._amounts)
            self._drift.count(contexts, models, self._amounts)
            self._count_rollout(contexts, state.get("rollout"))
            if log.isEnabledFor(logging.INFO):
                self._log(contexts)
            if self._log_writer:
                dropped = self._log_writer.dropped
                self._amounts["log_lines_dropped",] += dropped - self._reported_drops
                self._reported_drops = dropped
            self._metrics.add(self._amounts, state)
            self._amounts.clear()

    def _log(self, contexts: Iterable[RequestContext]) -> None:
        """Log the requests; a browser that shows the console asks every five seconds, which only DEBUG shows."""
        every = log.isEnabledFor(logging.DEBUG)
        logged = (context for context in contexts if every or not _updates_page(context))
        if self._log_writer:
            self._log_writer.add_all(map(_line, logged))
            return
        for context in logged:
            log.info("request", extra=_members(context))

    def _models(self) -> ServedModels | None:
        try:
            return self._current_model.models
        except NoModelLoaded:
            return None

    def _state(self, models: ServedModels | None) -> State:
        in_flight = len(self._in_flight)
        if models is None:
            return {"in_flight": in_flight}
        snapshot = models.champion
        scores = snapshot.version.lineage.scores
        served: dict[str, Any] = {
            "version": snapshot.version.name,
            "source": snapshot.origin,
            "mse": scores.mse,
            "mae": scores.mae,
        }
        if calibration := snapshot.version.calibration:
            served[HELD_OUT_ROWS] = calibration.rows
        return {"in_flight": in_flight, **served, **rollout_state(models)}

    def _count_rollout(self, contexts: Iterable[RequestContext], rollout_id: str | None) -> None:
        for name, count in self._comparisons.take_counts().items():
            self._amounts[COMPARISONS[name]] += count
        if rollout_id is not None:
            for context in contexts:
                count_routed(context, rollout_id, self._amounts)


def _updates_page(context: RequestContext) -> bool:
    """Return whether the request has only read a page of the console or one of its files."""
    return context.route.startswith(CONSOLE) and context.method in ("GET", "HEAD") and context.status < "400"


def _count(contexts: Iterable[RequestContext], amounts: defaultdict[Series, float]) -> None:
    for context in contexts:
        route, seconds = context.route, context.seconds
        amounts["http_requests", route, context.status] += 1
        amounts["durations", route, str(bisect_left(DURATION_BUCKETS_SECONDS, seconds))] += 1
        amounts["seconds", route] += seconds
        if context.rows is not None:
            amounts["predictions", route] += context.rows
        if context.row_counts:
            _count_features(context.row_counts, amounts)
        if context.label_counts:
            count_labels(context.label_counts, amounts)
        if context.code is not None:
            amounts["http_errors", context.code] += 1


def _count_features(row_counts: RowCounts, amounts: defaultdict[Series, float]) -> None:
    """Count rows by feature; features beyond the bound of a report are counted together."""
    names = "unseen_levels", "filled_values"
    counted = sum(series[0] in names for series in amounts)
    for name in names:
        for feature, rows in getattr(row_counts, name).items():
            series = name, feature
            counted += series not in amounts
            amounts[series if series in amounts or counted <= MAX_FEATURE_SERIES else (name, "(other)")] += rows


def _line(context: RequestContext) -> bytes:
    timestamp = datetime.fromtimestamp(context.started_at, UTC)
    return as_line({"event": "request", "level": "info", **_members(context), "timestamp": timestamp}) + b"\n"


def _members(context: RequestContext) -> dict[str, Any]:
    members = {
        "request_id": context.request_id,
        "route": context.route,
        "method": context.method[:MAX_METHOD_CHARACTERS],
        "path": context.path[:MAX_PATH_CHARACTERS],
        "status": int(context.status),
        "ms": round(context.seconds * 1000, 3),
    }
    if context.snapshot:
        members["rows"], members["version"] = context.rows, context.snapshot.version.name
    for name in ("key", "code", "trace_id"):
        if (value := getattr(context, name)) is not None:
            members[name] = value
    return members
