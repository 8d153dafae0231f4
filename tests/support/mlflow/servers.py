"""HTTP servers that answer as a test needs."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Handler(BaseHTTPRequestHandler):
    """Reads the body of each request, and answers as `respond` does."""

    protocol_version = "HTTP/1.1"
    body = b""

    def respond(self) -> None:
        raise NotImplementedError

    def handle_request(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with suppress(OSError):
            self.respond()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = handle_request  # noqa: N815  # http.server's names

    def log_message(self, *_: object) -> None:
        pass

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reply_json(self, status: int, body: bytes) -> None:
        self.reply(status, body, **{"Content-Type": "application/json"})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Write nothing about clients that refuse the certificate."""


@contextmanager
def answering(answer: Callable[[Handler], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve each request by `answer(handler)`, where `handler.body` has been read."""

    class Answering(Handler):
        def respond(self) -> None:
            answer(self)

    server = Server(("127.0.0.1", 0), Answering)
    port = server.server_address[1]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def forwarded(upstream: str, request: Handler) -> tuple[int, bytes]:
    """Return status and body of what `upstream` answers to the request."""
    place = urlsplit(upstream)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=60)
    headers = {key: value for key, value in request.headers.items() if key.lower() not in ("host", "connection")}
    connection.request(request.command, request.path, request.body, headers)
    with connection.getresponse() as response:
        status, content = response.status, response.read()
    connection.close()
    return status, content


@contextmanager
def dripping(first: bytes, drop: bytes, pause: float = 0.05) -> Iterator[str]:
    """Send `first` to each client, then a `drop` every `pause` seconds until the test ends; b'' is silence."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(first)
            while not over.wait(pause):
                connection.sendall(drop)

    def accept() -> None:
        with ThreadPoolExecutor(max_workers=64) as pool:
            while not over.is_set():
                with suppress(TimeoutError):
                    pool.submit(drip, listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join()
