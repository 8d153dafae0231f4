"""Request recorder: counts and logs answered requests in batches, off the request path."""

import logging
import threading
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from application.serving.current_model import CurrentModel
from entrypoints.observability.log_writer import NonBlockingLogWriter
from entrypoints.observability.logs import as_line
from entrypoints.observability.metrics.aggregator import (
    DURATION_BUCKETS_SECONDS,
    MetricsAggregator,
    MetricsChannel,
    Series,
    State,
)
from entrypoints.observability.request_context import RequestContext

log = logging.getLogger("endeavour.access")

EVENT, MAX_PATH, MAX_METHOD = "request", 200, 32
# More requests than are answered between two entries; beyond them, the oldest are neither counted nor logged.
MAX_WAITING = 50_000


class RequestRecorder:
    """Keeps the facts of requests until they are entered: counted in `figures` and logged to `lines`, if there are any.

    Parameters
    ----------
    figures : MetricsAggregator or MetricsChannel
    live : CurrentModel
        Which this process answers with.
    lines : NonBlockingLogWriter, optional
        Without it, the access log goes through `logging`, which takes longer.
    """

    def __init__(
        self, figures: MetricsAggregator | MetricsChannel, live: CurrentModel, lines: NonBlockingLogWriter | None = None
    ) -> None:
        self._figures, self._live, self._lines = figures, live, lines
        self._under_way: set[RequestContext] = set()
        self._answered: deque[RequestContext] = deque(maxlen=MAX_WAITING)
        self._entering = threading.Lock()
        self._amounts: defaultdict[Series, float] = defaultdict(float)
        self._dropped = 0
        # These three are all that a request waits for; each is one step of C, which no other thread sees half done.
        self.open = self._under_way.add
        self._leave, self._answer = self._under_way.discard, self._answered.append

    def close(self, facts: RequestContext) -> None:
        """Note that the request has been answered."""
        self._leave(facts)
        self._answer(facts)

    def enter(self) -> None:
        """Enter what was answered since the last time; if that raises `OSError`, counts are reported the next time."""
        with self._entering:
            requests = [self._answered.popleft() for _ in range(len(self._answered))]
            _count(requests, self._amounts)
            if log.isEnabledFor(logging.INFO):
                self._log(requests)
            if self._lines:
                dropped = self._lines.dropped
                self._amounts["log_lines_dropped",] += dropped - self._dropped
                self._dropped = dropped
            self._figures.add(self._amounts, self._state())
            self._amounts.clear()

    def _log(self, requests: Iterable[RequestContext]) -> None:
        if self._lines:
            self._lines.add_all(map(_line, requests))
            return
        for facts in requests:
            log.info(EVENT, extra=_members(facts))

    def _state(self) -> State:
        in_flight = len(self._under_way)
        if not self._live.is_loaded:
            return {"in_flight": in_flight}
        snapshot = self._live.snapshot
        return {"in_flight": in_flight, "version": snapshot.version.name, "source": snapshot.source}


def _count(requests: Iterable[RequestContext], amounts: defaultdict[Series, float]) -> None:
    for facts in requests:
        route, seconds = facts.route, facts.seconds
        amounts["http_requests", route, facts.status] += 1
        amounts["durations", route, str(bisect_left(DURATION_BUCKETS_SECONDS, seconds))] += 1
        amounts["seconds", route] += seconds
        if facts.rows is not None:
            amounts["predictions", route] += facts.rows
        if facts.code is not None:
            amounts["http_errors", facts.code] += 1


def _line(facts: RequestContext) -> bytes:
    at = datetime.fromtimestamp(facts.at, UTC)
    return as_line({"event": EVENT, "level": "info", **_members(facts), "timestamp": at}) + b"\n"


def _members(facts: RequestContext) -> dict[str, Any]:
    members = {
        "request_id": facts.request_id,
        "route": facts.route,
        "method": facts.method[:MAX_METHOD],
        "path": facts.path[:MAX_PATH],
        "status": int(facts.status),
        "ms": round(facts.seconds * 1000, 3),
    }
    if facts.snapshot:
        members["rows"], members["version"] = facts.rows, facts.snapshot.version.name
    for name in ("key", "code", "trace_id"):
        if (fact := getattr(facts, name)) is not None:
            members[name] = fact
    return members
