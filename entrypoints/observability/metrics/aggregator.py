"""MetricsAggregator: counts that workers send to the process that started them, which sums them and answers scrapes."""

import logging
import os
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import orjson

from domain.delivery.sync_report import RegistryStatus

# Upper bounds in seconds: one row takes a tenth of a millisecond, a large batch a second.
DURATION_BUCKETS_SECONDS = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
# A name, then the values of its labels.
Series = tuple[str, ...]
# Requests in flight; version and source of the model, if there is one.
State = Mapping[str, Any]

log = logging.getLogger(__name__)

# Workers report ten times a second; one that was silent for so long has ended.
MAX_SILENT_SECONDS = 2.0
# For the parent process to take a report, and to send metrics back.
MAX_SECONDS = 1.0
# Of a report, which takes some 60 bytes a series; bounded labels give some 800 series.
MAX_BYTES = 256 * 1024


class MetricsAggregator:
    """Sums of all workers and the last state of each.

    Attributes
    ----------
    registry : callable
        Returns how the registry was found last, None where there is no registry.
    """

    def __init__(self) -> None:
        self.registry: Callable[[], RegistryStatus | None] = lambda: None
        self._sums: defaultdict[Series, float] = defaultdict(float)
        self._states: dict[int, tuple[float, State]] = {}
        self._lock = threading.Lock()

    def add(self, amounts: Mapping[Series, float], state: State | None = None, worker: int = 0) -> None:
        """Add to each series its amount, and replace the state of the process with the id `worker`."""
        with self._lock:
            for series, amount in amounts.items():
                self._sums[series] += amount
            if state is not None:
                self._states[worker] = time.monotonic(), state

    def read(self) -> tuple[dict[Series, float], list[State]]:
        """Return the sum of every series, and the state of each worker that lives."""
        earliest = time.monotonic() - MAX_SILENT_SECONDS
        with self._lock:
            self._states = {worker: last for worker, last in self._states.items() if last[0] > earliest}
            return dict(self._sums), [state for _, state in self._states.values()]

    def scrape(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics in the format that the header Accept asks for, and their media type."""
        # Imported where it is needed, because workers inherit what their parent process has in memory.
        from entrypoints.observability.metrics.exposition import exposition

        return exposition(*self.read(), self.registry(), accept)


class MetricsChannel:
    """Carries reports of workers to the `MetricsAggregator` of their parent process; made before they are forked.

    A report is one datagram, so that a worker that is killed leaves none half sent.
    """

    def __init__(self) -> None:
        self._inbox, self._outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        # The defaults of macOS are smaller.
        self._outbox.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_BYTES)
        self._inbox.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_BYTES)
        self._outbox.settimeout(MAX_SECONDS)

    def add(self, amounts: Mapping[Series, float], state: State) -> None:
        """Send a report, or raise `OSError` if the parent process does not take it in time."""
        self._outbox.send(orjson.dumps((list(amounts.items()), state, os.getpid())))

    def scrape(self, accept: str) -> tuple[bytes, str]:
        """Return what `MetricsAggregator.scrape` returns in the parent process, or raise `OSError` after a timeout."""
        ours, theirs = socket.socketpair()
        with ours:
            ours.settimeout(MAX_SECONDS)
            with theirs:
                socket.send_fds(self._outbox, [accept.encode()], [theirs.fileno()])
            answer = b"".join(iter(partial(ours.recv, MAX_BYTES), b""))
        media_type, _, body = answer.partition(b"\n")
        return body, media_type.decode()

    def listen(self, figures: MetricsAggregator) -> None:
        """Have a thread of the parent process add reports to `figures` and answer scrapes."""
        threading.Thread(target=self._listen, args=(figures,), name="figures", daemon=True).start()

    def _listen(self, figures: MetricsAggregator) -> None:
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._inbox, MAX_BYTES, 1)
            try:
                if descriptors:
                    _answer(socket.socket(fileno=descriptors[0]), *figures.scrape(data.decode()))
                else:
                    amounts, state, worker = orjson.loads(data)
                    figures.add({tuple(series): amount for series, amount in amounts}, state, worker)
            except Exception:
                log.exception("metrics_message_unreadable")


def _answer(worker: socket.socket, body: bytes, media_type: str) -> None:
    # A worker that has ended, or waits no longer, does not take the answer.
    with worker, suppress(OSError):
        worker.settimeout(MAX_SECONDS)
        worker.sendall(media_type.encode() + b"\n" + body)
        worker.shutdown(socket.SHUT_WR)
