"""Metrics server: answers scrapes on a port of its own, in the process that started the workers."""

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from entrypoints.network import CannotListen, is_local, is_loopback, resolved

# Returns the metrics and their media type for a header Accept.
Scrape = Callable[[str], tuple[bytes, str]]
PATH, VARIABLE = "/metrics", "ENDEAVOUR_METRICS_ADDRESS"
# From the connection to the end of the answer.
MAX_CONNECTION_SECONDS = 5.0
MAX_CONNECTIONS = 16


@contextmanager
def serve_metrics(host: str, port: int, scrape: Scrape) -> Iterator[None]:
    """Answer GET and HEAD of /metrics inside the context.

    Raises
    ------
    CannotListen
        If the port is taken, or this host does not have the address.
    """
    try:
        server = _Server(host, port, scrape)
    except OSError as error:
        raise CannotListen(VARIABLE, f"{host}:{port}", os.strerror(error.errno or 0).lower()) from error
    # A worker that outlives this process by a moment must not keep its port.
    os.register_at_fork(after_in_child=server.socket.close)
    with server:
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    """Answers each connection in a thread; silent clients hold no more than `MAX_CONNECTIONS`."""

    daemon_threads, request_queue_size = True, 128
    # `HTTPServer.server_bind` looks up a name, which may take seconds.
    server_bind = TCPServer.server_bind

    def __init__(self, host: str, port: int, scrape: Scrape) -> None:
        self.address_family, address = resolved(host, port, VARIABLE)
        # By DNS rebinding, a page of another site could read the metrics of a loopback address.
        self.names = ("localhost", host.lower()) if is_loopback(address) else ()
        self.scrape = scrape
        self._latest: deque[tuple[float, socket.socket]] = deque()
        super().__init__((address, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start the thread that answers."""
        self._latest.append((time.monotonic(), request))
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """End connections that are too old or too many; runs after each new one, and twice a second."""
        earliest = time.monotonic() - MAX_CONNECTION_SECONDS
        while self._latest and (len(self._latest) > MAX_CONNECTIONS or self._latest[0][0] < earliest):
            _, request = self._latest.popleft()
            # An answered one is closed.
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore it, because a client that hangs up is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    # The library's messages repeat the request.
    server_version, sys_version, error_message_format = "endeavour", "", ""

    def do_GET(self) -> None:
        self.wfile.write(self._respond())

    def do_HEAD(self) -> None:
        self._respond()

    def _respond(self) -> bytes:
        """Send the status and headers, and return the body."""
        if self.server.names and not is_local(self.headers.get("Host", ""), self.server.names):
            self.send_error(421)
            return b""
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return b""
        body, media_type = self.server.scrape(self.headers.get("Accept", ""))
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body

    def log_message(self, *_: Any) -> None:
        """Write nothing, because Prometheus scrapes every few seconds."""
