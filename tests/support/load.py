"""Clients in processes of their own, which send requests as fast as they can and count every answer."""

import math
import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from typing import Self

FORK = multiprocessing.get_context("fork")
END_OF_HEAD = b"\r\n\r\n"


@dataclass
class Report:
    """Counts of each status, of each body by model version, and of the milliseconds that answers took."""

    statuses: Counter[int] = field(default_factory=Counter)
    bodies: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    milliseconds: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def answers(self) -> int:
        return self.statuses.total()

    def within(self, share: float) -> int:
        """Return the milliseconds, rounded up, within which this share of the answers came."""
        left = math.ceil(share * self.milliseconds.total())
        for milliseconds in sorted(self.milliseconds):
            left -= self.milliseconds[milliseconds]
            if left <= 0:
                return milliseconds
        raise ValueError("there were no answers")


class Load:
    """Clients on keep-alive connections, each sending `requests` over and over; every `anew`-th on a new connection.

    A request whose connection closes before the first byte of an answer is sent again on a new connection, as HTTP
    clients do, because a server may close an idle connection at any time.
    """

    def __init__(self, port: int, requests: Sequence[bytes], clients: int = 4, anew: int = 1000) -> None:
        self._stop = FORK.Event()
        self._reports: multiprocessing.Queue[Report] = FORK.Queue()
        self._answered = [FORK.Value("Q", 0) for _ in range(clients)]
        self._processes = [
            FORK.Process(target=self._run, args=(port, requests, anew, self._stop, answered))
            for answered in self._answered
        ]

    def __enter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.report = Report()
        for _ in self._processes:
            received = self._reports.get(timeout=30)
            self.report.statuses += received.statuses
            self.report.bodies += received.bodies
            self.report.milliseconds += received.milliseconds
            self.report.failures += received.failures
        for process in self._processes:
            process.join()

    @property
    def answers(self) -> int:
        """Count of the answers so far."""
        return sum(int(answered.value) for answered in self._answered)

    def _run(self, port: int, requests: Sequence[bytes], anew: int, stop: Event, answered: object) -> None:
        report, connection, number = Report(), None, 0
        while not stop.is_set():
            for request in requests:
                number += 1
                if connection is None or number % anew == 0:
                    connection = Connection(port)
                began = time.perf_counter()
                try:
                    connection = connection.ask(request, report)
                    report.milliseconds[math.ceil(1000 * (time.perf_counter() - began))] += 1
                except (OSError, ValueError) as error:
                    report.failures.append(f"{type(error).__name__}: {error}")
                    connection = None
            answered.value = report.answers  # type: ignore[attr-defined]  # a shared number has one
        self._reports.put(report)


class Connection:
    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=15)
        self._used = False

    def ask(self, request: bytes, report: Report) -> "Connection":
        """Send a request and record its answer; return the connection for the next request."""
        try:
            self._socket.sendall(request)
            head = self._socket.recv(65536)
        except ConnectionError:
            head = b""
        if not head and self._used:
            return Connection(self._port).ask(request, report)
        if not head:
            raise ConnectionError("closed without an answer")
        self._used = True
        while END_OF_HEAD not in head:
            head += self._received()
        head, _, body = head.partition(END_OF_HEAD)
        lines = head.split(b"\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        while len(body) < int(fields[b"content-length"]):
            body += self._received()
        status = int(lines[0].split()[1])
        report.statuses[status] += 1
        if status == 200:  # HTTP's
            report.bodies[fields.get(b"x-model-version", b"").decode(), body] += 1
        return self if fields.get(b"connection", b"") != b"close" else Connection(self._port)

    def _received(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise ConnectionError("closed in the middle of an answer")
        return received


def post(path: str, body: bytes, headers: bytes = b"") -> bytes:
    """Return a whole request; each of `headers` ends with its line's end."""
    head = b"POST %b HTTP/1.1\r\nHost: localhost\r\n%bContent-Length: %d\r\n\r\n" % (path.encode(), headers, len(body))
    return head + body
