"""Metrics aggregator: the parent process adds up the reports of its workers, and answers scrapes."""

import logging
import os
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

import orjson

from domain.delivery.ledger import LedgerHead
from domain.delivery.order import Order
from domain.delivery.sync_report import RegistryStatus
from domain.monitoring.drift_report import DriftReport
from domain.ports import DriftLog, TrafficLog
from entrypoints.observability.drift_metrics import DRIFT, drift_of
from entrypoints.observability.metrics.feedback_sums import LABELS, drop_old_versions, risen_gauges
from entrypoints.observability.metrics.series import Series, State
from entrypoints.observability.traffic_metrics import TRAFFIC, traffic_of

log = logging.getLogger(__name__)

# Series that are no sums.
LOGGED = {TRAFFIC, DRIFT}
# Workers report ten times a second; one without a report for so long has ended.
MAX_SILENT_SECONDS = 2.0
# For the parent process to take a report, and to answer a scrape.
TIMEOUT_SECONDS = 1.0
# A report takes some 60 bytes a series; bounded labels give some 1,000 series.
MAX_REPORT_BYTES = 256 * 1024


class MetricsAggregator:
    """Sums of all workers and the latest state of each.

    Parameters
    ----------
    traffic : TrafficLog, optional
        Takes the counts by version, which are no metrics: a version is a label without a bound.
    drift : DriftLog, optional
        Takes the rows of the champion by bin.
    unix_time : callable

    Attributes
    ----------
    registry_status : callable
        Returns the `RegistryStatus`; None without a registry, and before the first poll of it.
    started_at : float
        Unix time, different for each host.
    ledger_head : callable
        Returns the highest head of the ledger that this host has seen.
    orders : callable
        Returns the orders that the controller may take now.
    drift_report : callable
        Returns the `DriftReport` of this host, None without one.
    """

    def __init__(
        self,
        traffic: TrafficLog | None = None,
        unix_time: Callable[[], float] = time.time,
        drift: DriftLog | None = None,
    ) -> None:
        self._traffic, self._drift, self._unix_time = traffic, drift, unix_time
        self.drift_report: Callable[[], DriftReport | None] = lambda: None
        self.registry_status: Callable[[], RegistryStatus | None] = lambda: None
        self.started_at = time.time()
        self.ledger_head: Callable[[], LedgerHead] = LedgerHead
        self.orders: Callable[[], Sequence[Order]] = tuple
        self._sums: defaultdict[Series, float] = defaultdict(float)
        self._states: dict[int, tuple[float, State]] = {}
        self._lock = threading.Lock()

    def add(self, amounts: Mapping[Series, float], state: State | None = None, worker: int = 0) -> None:
        """Add its amount to each series, and replace the state of the process with the id `worker`."""
        traffic = traffic_of(amounts)
        with self._lock:
            if traffic and self._traffic:
                self._traffic.add(traffic, self._unix_time())
            if self._drift:
                for version, (rows, counts) in drift_of(amounts).items():
                    self._drift.add(version, rows, counts, self._unix_time())
            for series, amount in amounts.items():
                if series[0] not in LOGGED:
                    self._sums[series] += amount
            if any(series[0] == LABELS for series in amounts):
                drop_old_versions(self._sums)
            if state is not None:
                self._states[worker] = time.monotonic(), state

    def read(self) -> tuple[dict[Series, float], list[State]]:
        """Return the sum of every series, and the state of each living worker."""
        earliest = time.monotonic() - MAX_SILENT_SECONDS
        with self._lock:
            self._states = {worker: last for worker, last in self._states.items() if last[0] > earliest}
            return dict(self._sums), [state for _, state in self._states.values()]

    def scrape(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics in the format that the header Accept asks for, and their media type."""
        # Imported here, because workers inherit the imports of their parent process and need none of these.
        from entrypoints.observability.metrics.drift_families import drift_gauges
        from entrypoints.observability.metrics.exposition import exposition

        sums, states = self.read()
        sums["started_seconds",] = self.started_at
        if (head := self.ledger_head()).number:
            sums["ledger_head_info", str(head.number), head.hash] = 1
        if self._traffic:
            sums |= risen_gauges(states, self._traffic.errors)
        sums |= drift_gauges(self.drift_report())
        for order in self.orders():
            sums["order_info", *order.to_values().values()] = 1
        return exposition(sums, states, self.registry_status(), accept)


class MetricsChannel:
    """Carries reports of workers to the `MetricsAggregator` of their parent process; created before the fork.

    A report is one datagram, so that a killed worker leaves no half of one.
    """

    def __init__(self) -> None:
        self._inbox, self._outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        # The defaults of macOS are smaller.
        self._outbox.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_REPORT_BYTES)
        self._inbox.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_REPORT_BYTES)
        self._outbox.settimeout(TIMEOUT_SECONDS)

    def add(self, amounts: Mapping[Series, float], state: State) -> None:
        """Send a report, or raise `OSError` if the parent process does not take it in time."""
        self._outbox.send(orjson.dumps((list(amounts.items()), state, os.getpid())))

    def scrape(self, accept: str) -> tuple[bytes, str]:
        """Return what `MetricsAggregator.scrape` returns in the parent process.

        Raises
        ------
        OSError
            If the parent process does not answer in time, or not completely.
        """
        ours, theirs = socket.socketpair()
        with ours:
            ours.settimeout(TIMEOUT_SECONDS)
            with theirs:
                socket.send_fds(self._outbox, [accept.encode()], [theirs.fileno()])
            response = b"".join(iter(partial(ours.recv, MAX_REPORT_BYTES), b""))
        size, media_type, body = [*response.split(b"\n", 2), b"", b""][:3]
        if size != b"%d" % len(body):
            raise ConnectionError("the parent process ended its answer early")
        return body, media_type.decode()

    def listen(self, aggregator: MetricsAggregator) -> None:
        """Start a thread, in the parent process, that adds reports to `aggregator` and answers scrapes."""
        threading.Thread(target=self._listen, args=(aggregator,), name="metrics", daemon=True).start()

    def _listen(self, aggregator: MetricsAggregator) -> None:
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._inbox, MAX_REPORT_BYTES, 1)
            try:
                if descriptors:
                    with socket.socket(fileno=descriptors[0]) as worker:
                        _answer(worker, *aggregator.scrape(data.decode()))
                else:
                    amounts, state, pid = orjson.loads(data)
                    aggregator.add({tuple(series): amount for series, amount in amounts}, state, pid)
            except Exception:
                log.exception("metrics_message_unreadable")


def _answer(worker: socket.socket, body: bytes, media_type: str) -> None:
    # A worker that has ended, or waits no longer, does not take the answer.
    with suppress(OSError):
        worker.settimeout(TIMEOUT_SECONDS)
        worker.sendall(b"%d\n%s\n%s" % (len(body), media_type.encode(), body))
