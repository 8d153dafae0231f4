"""A proxy in front of a real server that fails on purpose, by route, and can be told otherwise while it runs."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

# Routes by a part of their path.
ARTIFACT = "/mlflow-artifacts/"
ANY = "/"


@dataclass(frozen=True)
class Answer:
    """What the server behind the proxy said, or what a fault makes of it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    """Passes one request on, with whatever fault its path is to meet."""

    protocol_version = "HTTP/1.1"
    proxy: "FaultProxy"

    def log_message(self, *_: object) -> None:
        pass

    def pass_on(self) -> None:
        self.proxy.asked[self.path] += 1
        with suppress(OSError):
            self.proxy.fault(self.path)(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on  # noqa: N815  # http.server's names

    def upstream(self) -> Answer:
        """Ask the server itself."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = HTTPConnection(*self.proxy.upstream, timeout=60)
        headers = {name: text for name, text in self.headers.items() if name.lower() not in ("host", "connection")}
        connection.request(self.command, self.path, body, headers)
        with connection.getresponse() as response:
            answer = Answer(response.status, response.read())
        connection.close()
        return answer

    def answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, text in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def hold(self, seconds: float = 3600.0) -> None:
        """Do nothing until the fault is over, the client has gone, or the proxy ends."""
        end, fault = time.monotonic() + seconds, self.proxy.fault(self.path)
        while time.monotonic() < end and not self.proxy.over.wait(0.02):
            if self.proxy.fault(self.path) is not fault:
                break
        self.close_connection = True


FieldError = Callable[[Handler], None]


def none(handler: Handler) -> None:
    """Pass everything on as it is."""
    handler.answer(handler.upstream())


def hang(handler: Handler) -> None:
    """Take the request and never answer."""
    handler.hold()


def drip(handler: Handler) -> None:
    """Begin an answer and go on by a byte a second."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4096\r\n\r\n{")
    fault = handler.proxy.fault(handler.path)
    while not handler.proxy.over.is_set() and handler.proxy.fault(handler.path) is fault:
        handler.wfile.write(b" ")
        handler.hold(1.0)


def changed(change: Callable[[bytes], bytes]) -> FieldError:
    """Pass on what the server says, changed; its length is that of the change."""

    def fault(handler: Handler) -> None:
        said = handler.upstream()
        handler.answer(Answer(said.status, change(said.body)))

    return fault


class Server(ThreadingHTTPServer):
    """Shares its port with whoever keeps it reserved."""

    allow_reuse_port = True


def bound(port: int = 0) -> socket.socket:
    """Return a socket at `port`, or at any, that does not listen yet and lets others share the port."""
    unheard = socket.socket()
    unheard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    unheard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    unheard.bind(("127.0.0.1", port))
    return unheard


class FaultProxy:
    """Listens on a port of its own; every path goes through unless a test says otherwise."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self.upstream = (str(parts.hostname), int(parts.port or 80))
        self.asked: Counter[str] = Counter()
        self.over = threading.Event()
        self._faults: dict[str, FieldError] = {}
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        # Bound and never listening: while the proxy refuses, nobody else is given the port.
        self._reserved = bound()
        self.port = int(self._reserved.getsockname()[1])
        self.uri = f"http://127.0.0.1:{self.port}"

    @classmethod
    @contextmanager
    def before(cls, upstream: str) -> Iterator[Self]:
        """Listen while inside."""
        proxy = cls(upstream)
        proxy.listen()
        try:
            yield proxy
        finally:
            proxy.over.set()
            proxy.refuse()
            proxy._reserved.close()

    def fault(self, path: str) -> FieldError:
        """Return what requests for `path` meet now."""
        return next((fault for part, fault in self._faults.items() if part in path), none)

    def fail(self, fault: FieldError, route: str = ANY) -> None:
        """Have all requests whose path holds `route` meet `fault` from now on; requests that hang are let go."""
        self._faults = {route: fault}
        self.listen()

    def mend(self) -> None:
        """Let everything through again."""
        self._faults = {}
        self.listen()

    def refuse(self) -> None:
        """Close the port, so that connections are refused."""
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def listen(self) -> None:
        """Open the port, if it is closed."""
        if self._server is None:
            handler = type("Bound", (Handler,), {"proxy": self})
            self._server = Server(("127.0.0.1", self.port), handler)
            self._server.daemon_threads = True
            self._server.block_on_close = False
            self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
            self._thread.start()


@contextmanager
def black_hole(port: int = 0) -> Iterator[str]:
    """Yield an address, at `port` or any, where connections are neither taken nor refused.

    The queue of its listener is full: the kernel drops a SYN that finds no room, as a firewall does, and no privilege
    is needed for that.
    """
    listener = bound(port)
    listener.listen(0)
    place = listener.getsockname()
    waiting = []
    try:
        for _ in range(8):
            waiting.append(socket.socket())
            waiting[-1].settimeout(0.2)
            waiting[-1].connect(place)
    except TimeoutError:
        yield f"http://127.0.0.1:{place[1]}"
    else:
        raise AssertionError("the queue takes everyone")
    finally:
        for connection in (*waiting, listener):
            connection.close()
