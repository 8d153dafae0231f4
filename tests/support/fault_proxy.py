"""Proxy in front of a real server that fails on purpose, by route."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from tests.support.mlflow.servers import Handler, Server, forwarded

# Routes by a part of their path.
ARTIFACT = "/mlflow-artifacts/"
ANY = "/"


class FaultyHandler(Handler):
    """Applies the fault of its path to one request."""

    proxy: "FaultProxy"

    def respond(self) -> None:
        self.proxy.asked[self.path] += 1
        self.proxy.fault(self.path)(self)

    def upstream(self) -> tuple[int, bytes]:
        """Return status and body of what the server itself answers."""
        return forwarded(self.proxy.upstream, self)

    def hold(self, seconds: float = 3600.0) -> None:
        """Wait until the fault is over, the proxy ends or `seconds` have passed."""
        end, fault = time.monotonic() + seconds, self.proxy.fault(self.path)
        while time.monotonic() < end and not self.proxy.over.wait(0.02):
            if self.proxy.fault(self.path) is not fault:
                break
        self.close_connection = True


Fault = Callable[[FaultyHandler], None]


def none(handler: FaultyHandler) -> None:
    """Pass the request on."""
    handler.reply_json(*handler.upstream())


def hang(handler: FaultyHandler) -> None:
    """Read the request and never answer."""
    handler.hold()


def drip(handler: FaultyHandler) -> None:
    """Begin an answer and send a byte a second."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4096\r\n\r\n{")
    fault = handler.proxy.fault(handler.path)
    while not handler.proxy.over.is_set() and handler.proxy.fault(handler.path) is fault:
        handler.wfile.write(b" ")
        handler.hold(1.0)


def changed(change: Callable[[bytes], bytes]) -> Fault:
    """Return the fault that changes the bodies of answers."""

    def fault(handler: FaultyHandler) -> None:
        status, body = handler.upstream()
        handler.reply_json(status, change(body))

    return fault


class SharedServer(Server):
    """Shares its port with the socket that keeps it reserved."""

    allow_reuse_port = True
    block_on_close = False


def bound(port: int = 0) -> socket.socket:
    """Return a socket at `port`, or at any, that does not listen yet and shares its port."""
    silent = socket.socket()
    silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    silent.bind(("127.0.0.1", port))
    return silent


class FaultProxy:
    """Listens on a port of its own, and passes on each request whose path has no fault."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.asked: Counter[str] = Counter()
        self.over = threading.Event()
        self._faults: dict[str, Fault] = {}
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        # Bound and never listening: while the proxy refuses, no other process is given the port.
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

    def fault(self, path: str) -> Fault:
        """Return the fault of requests for `path`."""
        return next((fault for part, fault in self._faults.items() if part in path), none)

    def fail(self, fault: Fault, route: str = ANY) -> None:
        """Apply `fault` to requests whose path contains `route` from now on; end requests that hang."""
        self._faults = {route: fault}
        self.listen()

    def pass_all(self) -> None:
        """Pass on all requests again."""
        self._faults = {}
        self.listen()

    def refuse(self) -> None:
        """Close the port, so that connections are refused."""
        if self._server and self._thread:
            self._server.shutdown()
            # A client that a test has forked holds a copy of the socket, which would take connections and never answer.
            self._server.socket.shutdown(socket.SHUT_RDWR)
            self._server.server_close()
            self._thread.join()
            self._server = None

    def listen(self) -> None:
        """Open the port, if it is closed."""
        if self._server is None:
            handler = type("Bound", (FaultyHandler,), {"proxy": self})
            self._server = SharedServer(("127.0.0.1", self.port), handler)
            self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
            self._thread.start()


@contextmanager
def black_hole(port: int = 0) -> Iterator[str]:
    """Yield an address, at `port` or any, where connections are neither accepted nor refused.

    The queue of its listener is full, so that the kernel drops a SYN, as a firewall does. It needs no privilege.
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
        raise AssertionError("the queue of the listener is not full")
    finally:
        for connection in (*waiting, listener):
            connection.close()
