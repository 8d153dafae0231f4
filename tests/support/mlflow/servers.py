"""HTTP servers that answer as a test needs."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[str]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def forwarded(upstream: str, request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
    """Return status and body of what `upstream` answers to the request."""
    place = urlsplit(upstream)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=30)
    headers = {key: value for key, value in request.headers.items() if key.lower() not in ("host", "connection")}
    body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
    connection.request(request.command, request.path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


@contextmanager
def answering(answer: Callable[[Quiet], None]) -> Iterator[str]:
    """Serve each request by `answer(handler)`, where `handler.body` has been read."""

    class Handler(Quiet):
        def do_GET(self):
            self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with suppress(ConnectionError):
                answer(self)

        do_POST = do_GET  # noqa: N815  # http.server's name

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as uri:
        yield uri


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
