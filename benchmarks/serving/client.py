"""The client that loads every server alike: `python -m benchmarks.serving.client`, with what to do on standard input.

It keeps some connections open and has one request under way on each: the next one goes out when an answer is whole. It
is one process and uses nothing but sockets, so that it takes little of the cores that the server needs.
"""

import json
import select
import socket
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

# Larger ones would be new pages for each.
CHUNK = 64 * 1024
LENGTH = b"content-length:"
OK = b"HTTP/1.1 200"
# A server that says nothing for so long has died.
PATIENCE = 60.0


class NotAnswered(Exception):
    """A server did not give the answer that was asked for."""


@dataclass(slots=True)
class Connection:
    """A connection, and what has come of the answer that is under way."""

    socket: socket.socket
    came: int = 0
    expected: int | None = None
    head: bytes = b""
    kept: list[bytes] = field(default_factory=list)

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self.came, self.expected, self.head = 0, None, b""
        self.kept.clear()
        self.socket.sendall(request)

    def is_answered(self, *, keep: bool = False) -> bool:
        """Take in what has come, and tell whether the answer is whole; `keep` its body if it is wanted."""
        data = self.socket.recv(CHUNK)
        if not data:
            raise NotAnswered("the connection was closed")
        if self.expected is None:
            self.head += data
            head, end, data = self.head.partition(b"\r\n\r\n")
            if not end:
                return False
            self.expected = _length(head)
        self.came += len(data)
        if keep:
            self.kept.append(data)
        return self.came >= self.expected


def ask_once(port: int, request: bytes, *, keep: bool = True) -> bytes:
    """Return the body of the answer to `request`, sent on a connection of its own; nothing if it is not to be kept."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        connection = Connection(sock)
        connection.ask(request)
        while not connection.is_answered(keep=keep):
            pass
        return b"".join(connection.kept)


def load(port: int, request: bytes, connections: int, warm_up: float, seconds: float) -> dict[str, float]:
    """Return how many requests were answered within `seconds`, and altogether."""
    with ExitStack() as stack:
        opened = [
            Connection(stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)))
            for _ in range(connections)
        ]
        return _loaded({each.socket.fileno(): each for each in opened}, request, warm_up, seconds)


def _loaded(opened: dict[int, Connection], request: bytes, warm_up: float, seconds: float) -> dict[str, float]:
    poll = select.poll()
    for number, connection in opened.items():
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(number, select.POLLIN)
        connection.ask(request)
    began = time.perf_counter() + warm_up
    ends, counted, altogether = began + seconds, 0, 0
    while (now := time.perf_counter()) < ends:
        ready = poll.poll(PATIENCE * 1000)
        if not ready:
            raise NotAnswered("no server answered")
        for number, _ in ready:
            connection = opened[number]
            if connection.is_answered():
                altogether += 1
                counted += now >= began
                connection.ask(request)
    return {"counted": counted, "seconds": time.perf_counter() - began, "altogether": altogether}


def _length(head: bytes) -> int:
    if not head.startswith(OK):
        raise NotAnswered(head.partition(b"\r\n")[0].decode(errors="replace"))
    for line in head.lower().split(b"\r\n"):
        if line.startswith(LENGTH):
            return int(line[len(LENGTH) :])
    raise NotAnswered("an answer without Content-Length")


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    asked["request"] = Path(asked["request"]).read_bytes()
    json.dump(load(**asked), sys.stdout)
