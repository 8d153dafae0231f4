"""Metrics on a port of their own, served by the process that started the workers."""

import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from domain.mirror_report import RegistryWord
from entrypoints.metrics.ledger import Ledger
from entrypoints.serving.address import CannotListen, resolved
from entrypoints.settings import Settings

PATH = "/metrics"
# A client that says nothing for so many seconds is left.
PATIENCE = 5


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

    server = _listening(settings.metrics_host, settings.metrics_port, partial(_Handler, scraped))
    # Workers that outlive this process by a moment must not keep its port.
    os.register_at_fork(after_in_child=server.socket.close)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, family: socket.AddressFamily, *args: Any) -> None:
        self.address_family = family
        super().__init__(*args)

    def server_bind(self) -> None:
        """Bind, and ask no name server what the address may be called."""
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server_version, sys_version = "endeavour", ""

    def __init__(self, scraped: Callable[[str], tuple[bytes, str]], *args: Any) -> None:
        self._scraped = scraped
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer."""
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


def _listening(host: str, port: int, handler: Callable[..., _Handler]) -> _Server:
    family, address = resolved(host, port, "ENDEAVOUR_METRICS_HOST")
    try:
        return _Server(family, (address, port), handler)
    except OSError as error:
        variable = "ENDEAVOUR_METRICS_HOST" if error.errno == errno.EADDRNOTAVAIL else "ENDEAVOUR_METRICS_PORT"
        raise CannotListen(variable, f"{host}:{port}", os.strerror(error.errno or 0).lower()) from error
