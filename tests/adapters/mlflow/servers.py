"""Servers that misbehave on purpose."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Answer = tuple[int, bytes]


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


class Proxy:
    """Passes requests on to `upstream`, and loses or refuses what it is told to.

    `lose` holds ends of paths: the answer to the next POST to each of them arrives nowhere, though the POST does.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream)
        self.lose: list[str] = []
        self.lost: list[str] = []
        self.cut = False

    @contextmanager
    def listening(self) -> Iterator[str]:
        proxy = self

        class Handler(Quiet):
            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = (0, b"") if proxy.cut else proxy.forward(self, body)
                if proxy.cut or proxy.loses(self.command, self.path):
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.reply(status, answer, **{"Content-Type": "application/json"})

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on  # noqa: N815  # http.server's names

        with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as uri:
            yield uri

    def forward(self, request: BaseHTTPRequestHandler, body: bytes) -> Answer:
        connection = HTTPConnection(self.upstream.hostname, self.upstream.port, timeout=30)
        headers = {key: value for key, value in request.headers.items() if key.lower() not in ("host", "connection")}
        connection.request(request.command, request.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def loses(self, method: str, path: str) -> bool:
        for ending in self.lose:
            if method == "POST" and urlsplit(path).path.endswith(ending):
                self.lose.remove(ending)
                self.lost.append(ending)
                return True
        return False


@contextmanager
def answering(answer: Callable[[Quiet], None]) -> Iterator[str]:
    """Serve requests with what `answer` does with the handler."""

    class Handler(Quiet):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with suppress(ConnectionError):
                answer(self)

        do_POST = do_GET  # noqa: N815  # http.server's name

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as uri:
        yield uri


@contextmanager
def dripping(first: bytes, drop: bytes, pause: float = 0.05) -> Iterator[str]:
    """Send `first` to whoever connects, then a `drop` every `pause` seconds until the test is over; b'' is silence."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(first)
            while not over.wait(pause):
                connection.sendall(drop)

    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    threads = [threading.Thread(target=_accept, args=(listener, drip, over))]
    threads[0].start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        threads[0].join()
        listener.close()


def _accept(listener: socket.socket, serve: Callable[[socket.socket], None], over: threading.Event) -> None:
    threads = []
    while not over.is_set():
        with suppress(TimeoutError):
            connection, _ = listener.accept()
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()
    for thread in threads:
        thread.join()
