"""Channel: carries what workers count to the process that started them, and its metrics back."""

import logging
import os
import socket
import threading
from contextlib import suppress
from functools import partial

import orjson

from entrypoints.metrics.figures import Amounts, Figures, State

log = logging.getLogger(__name__)

# Of a report, which takes some 60 bytes a series.
MAX_BYTES = 256 * 1024
# For a report to be taken, and for metrics to come back.
MAX_SECONDS = 1.0


class Channel:
    """A pair of sockets that workers inherit; made before they are forked.

    A report is one datagram, so that a worker that is killed leaves none half sent.
    """

    def __init__(self) -> None:
        self._inbox, self._outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._outbox.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_BYTES)
        self._outbox.settimeout(MAX_SECONDS)

    def add(self, amounts: Amounts, state: State) -> None:
        """Send a report from a worker, or raise `OSError` if the parent process does not take it in time."""
        self._outbox.send(orjson.dumps((list(amounts.items()), state, os.getpid())))

    def scrape(self, accept: str) -> tuple[bytes, str]:
        """Return what `Figures.scrape` returns in the parent process, or raise `OSError` if it does not in time."""
        ours, theirs = socket.socketpair()
        with ours:
            ours.settimeout(MAX_SECONDS)
            with theirs:
                socket.send_fds(self._outbox, [accept.encode()], [theirs.fileno()])
            answer = b"".join(iter(partial(ours.recv, MAX_BYTES), b""))
        media_type, _, body = answer.partition(b"\n")
        return body, media_type.decode()

    def listen(self, figures: Figures) -> None:
        """Have a thread of the parent process add reports to `figures` and answer scrapes."""
        # A worker that is forked while a thread imports could wait for ever for the lock of a module.
        import entrypoints.metrics.exposition  # noqa: F401  # what `figures` would import in the thread

        threading.Thread(target=self._listen, args=(figures,), name="figures", daemon=True).start()

    def _listen(self, figures: Figures) -> None:
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._inbox, MAX_BYTES, 1)
            try:
                if descriptors:
                    _answer(socket.socket(fileno=descriptors[0]), *figures.scrape(data.decode()))
                else:
                    amounts, state, worker = orjson.loads(data)
                    figures.add({tuple(series): amount for series, amount in amounts}, state, worker)
            except Exception:
                log.exception("figures_not_read")


def _answer(worker: socket.socket, body: bytes, media_type: str) -> None:
    # A worker that has ended, or waits no longer, does not take the answer.
    with worker, suppress(OSError):
        worker.settimeout(MAX_SECONDS)
        worker.sendall(media_type.encode() + b"\n" + body)
        worker.shutdown(socket.SHUT_WR)
