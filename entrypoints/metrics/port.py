"""Metrics on a port of their own, served by the process that started the workers."""

import errno
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from socketserver import TCPServer
from typing import Any

from domain.mirror_report import RegistryWord
from entrypoints.local_names import is_local
from entrypoints.metrics.ledger import Ledger
from entrypoints.serving.address import CannotListen, resolved
from entrypoints.serving.admission import is_loopback
from entrypoints.settings import Settings

# From the header Accept to the figures and their media type.
Scraped = Callable[[str], tuple[bytes, str]]
PATH = "/metrics"
# For a whole head, and for a whole answer.
MAX_SECONDS = 5.0
MAX_CONNECTIONS = 16
MAX_HEAD_BYTES = 8192
END_OF_HEAD = re.compile(rb"\n\r?\n")


@dataclass
class Figures:
    """What can be asked for: the ledger, and what is known of the registry as soon as there is somebody who knows."""

    ledger: Ledger
    registry: Callable[[], RegistryWord] | None = None


@contextmanager
def metrics_port(settings: Settings, figures: Figures) -> Iterator[None]:
    """Answer GET /metrics with `figures` while inside, or do nothing without a port.

    Raises
    ------
    CannotListen
        If the port is taken, or the address is none of this host.
    """
    if settings.metrics_port is None:
        yield
        return
    # Imported before anything is forked, since a thread in the middle of an import is nothing to fork beside.
    from entrypoints.metrics.exposition import exposition

    def scraped(accept: str) -> tuple[bytes, str]:
        return exposition(figures.ledger, figures.registry() if figures.registry else None, accept)

    server = _listening(settings.metrics_host, settings.metrics_port, scraped)
    # Workers that outlive this process by a moment must not keep its port.
    os.register_at_fork(after_in_child=server.socket.close)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def __init__(self, family: socket.AddressFamily, *args: Any) -> None:
        self.address_family = family
        self._open: dict[socket.socket, None] = {}
        self._lock = threading.Lock()
        super().__init__(*args)

    def server_bind(self) -> None:
        """Bind, and ask no name server what the address may be called."""
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread; of `MAX_CONNECTIONS` the oldest is ended, because a scrape takes milliseconds."""
        with self._lock:
            if len(self._open) == MAX_CONNECTIONS:
                oldest = next(iter(self._open))
                del self._open[oldest]
                with suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
            self._open[request] = None
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing, because a client that hangs up is no error."""


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "endeavour", ""

    def __init__(self, scraped: Scraped, names: Collection[str], *args: Any) -> None:
        self._scraped, self._names = scraped, names
        super().__init__(*args)

    def setup(self) -> None:
        """Read the head, or raise `TimeoutError` where it is not here in time."""
        super().setup()
        self.rfile = BytesIO(_head(self.connection))
        self.connection.settimeout(MAX_SECONDS)

    def do_GET(self) -> None:
        """Answer with the figures, with 421 to a Host that is no name of this machine, or with 404."""
        if self._names and not is_local(self.headers.get("Host", ""), self._names):
            self.send_error(421)
            return
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        body, media_type = self._scraped(self.headers.get("Accept", ""))
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with a status alone: the library's own words repeat what was asked."""
        del message, explain
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing: a scrape every few seconds is no news."""


def _head(connection: socket.socket) -> bytes:
    """Return the first bytes of a request, with the whole head unless it is too long or the client has hung up."""
    deadline, head = time.monotonic() + MAX_SECONDS, bytearray()
    while len(head) < MAX_HEAD_BYTES:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        part = connection.recv(MAX_HEAD_BYTES)
        head += part
        if not part or END_OF_HEAD.search(head, max(len(head) - len(part) - 2, 0)):
            break
    return bytes(head)


def _listening(host: str, port: int, scraped: Scraped) -> _Server:
    family, address = resolved(host, port, "ENDEAVOUR_METRICS_HOST")
    # By DNS rebinding, a page of another site could read what listens on a loopback address.
    names = ("localhost", host.lower()) if is_loopback(address) else ()
    try:
        return _Server(family, (address, port), partial(_Handler, scraped, names))
    except OSError as error:
        variable = "ENDEAVOUR_METRICS_HOST" if error.errno == errno.EADDRNOTAVAIL else "ENDEAVOUR_METRICS_PORT"
        raise CannotListen(variable, f"{host}:{port}", os.strerror(error.errno or 0).lower()) from error
