"""Servers between a client and a real MLflow server: TLS, login, path prefix, forward proxy."""

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.support.mlflow.servers import Quiet, forwarded, serving

NAME = "mlflow.corp.example"  # no client can resolve it, a forward proxy can


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Stay quiet about clients that refuse the certificate."""


@contextmanager
def front(
    upstream: str, *, authorization: str = "", prefix: str = "", tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Pass requests on to `upstream` if they have this header and path prefix."""

    class Handler(Quiet):
        def pass_on(self):
            if authorization and self.path != "/health" and self.headers["Authorization"] != authorization:
                return self.reply(401, b"")
            if not self.path.startswith(f"{prefix}/"):
                return self.reply(404, b"")
            self.path = self.path.removeprefix(prefix)
            status, answer = forwarded(upstream, self)
            return self.reply(status, answer, **{"Content-Type": "application/json"})

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on  # noqa: N815  # http.server's names

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with serving(server) as uri:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{urlsplit(uri).port}{prefix}"


@contextmanager
def forward_proxy(asked: list[str], authorization: str = "") -> Iterator[str]:
    """Pass requests on to this machine under any name, and record their targets in `asked`."""

    class Handler(Quiet):
        def refuses(self):
            if authorization and self.headers["Proxy-Authorization"] != authorization:
                self.reply(407, b"")
                return True
            asked.append(f"{self.command} {self.path}")
            return False

        def pass_on(self):
            if self.refuses():
                return
            target = urlsplit(self.path)
            self.path = f"{target.path}?{target.query}"
            status, answer = forwarded(f"http://127.0.0.1:{target.port}", self)
            self.reply(status, answer, **{"Content-Type": "application/json"})

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on  # noqa: N815  # http.server's names

        def do_CONNECT(self):  # noqa: N802  # http.server's name
            if self.refuses():
                return
            with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as server:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=pump, args=(server, self.connection))
                back.start()
                pump(self.connection, server)
                back.join()
            self.close_connection = True

    with serving(Server(("127.0.0.1", 0), Handler)) as uri:
        yield uri.removeprefix("http://")


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
