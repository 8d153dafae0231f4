"""Servers between a client and a real MLflow server: TLS, login, path prefix, forward proxy."""

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.support.mlflow.servers import Handler, answering, forwarded

NAME = "mlflow.corp.example"  # no client can resolve it, a forward proxy can


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@contextmanager
def front(
    upstream: str, *, authorization: str = "", prefix: str = "", tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Pass requests on to `upstream` if they have this header and path prefix."""

    def pass_on(handler: Handler) -> None:
        if authorization and handler.path != "/health" and handler.headers["Authorization"] != authorization:
            return handler.reply(401, b"")
        if not handler.path.startswith(f"{prefix}/"):
            return handler.reply(404, b"")
        handler.path = handler.path.removeprefix(prefix)
        return handler.reply_json(*forwarded(upstream, handler))

    with answering(pass_on, tls) as uri:
        yield f"{uri}{prefix}"


@contextmanager
def forward_proxy(asked: list[str], authorization: str = "") -> Iterator[str]:
    """Pass requests on to this machine under any name, and record their targets in `asked`."""

    def pass_on(handler: Handler) -> None:
        if authorization and handler.headers["Proxy-Authorization"] != authorization:
            return handler.reply(407, b"")
        asked.append(f"{handler.command} {handler.path}")
        if handler.command == "CONNECT":
            return tunnel(handler)
        target = urlsplit(handler.path)
        handler.path = f"{target.path}?{target.query}"
        return handler.reply_json(*forwarded(f"http://127.0.0.1:{target.port}", handler))

    with answering(pass_on) as uri:
        yield uri.removeprefix("http://")


def tunnel(handler: Handler) -> None:
    """Connect the client to the port of its CONNECT request until both have closed."""
    with socket.create_connection(("127.0.0.1", int(handler.path.rpartition(":")[2]))) as server:
        handler.send_response(200)
        handler.end_headers()
        back = threading.Thread(target=pump, args=(server, handler.connection))
        back.start()
        pump(handler.connection, server)
        back.join()
    handler.close_connection = True


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
