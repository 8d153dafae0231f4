"""Load client: some connections with one request under way on each, in one process, with sockets alone."""

import re
import select
import socket
import time
from contextlib import ExitStack, closing

CHUNK_BYTES = 64 * 1024
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+).*?\r\n\r\n", re.IGNORECASE | re.DOTALL)
PATIENCE_SECONDS = 60.0


class NotAnswered(Exception):
    """A server gave no answer, or one that is not 200."""


class Connection:
    """A connection, and the part of the answer that has arrived."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.close = self.socket.close
        self.answer, self.begins, self.ends = bytearray(), 0, 0

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self.answer, self.ends = bytearray(), 0
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read once, and return whether the answer is whole."""
        data = self.socket.recv(CHUNK_BYTES)
        self.answer += data
        if not self.ends and (head := LENGTH.search(self.answer)):
            self.begins, self.ends = head.end(), head.end() + int(head[1])
        if not (data and self.answer.startswith(b"HTTP/1.1 200"[: len(self.answer)])):
            raise NotAnswered(self.answer[:500].decode(errors="replace"))
        return 0 < self.ends <= len(self.answer)


def ask_once(port: int, request: bytes) -> bytes:
    """Return the body of the answer to `request`, sent on a connection of its own."""
    with closing(Connection(port)) as connection:
        connection.ask(request)
        while not connection.is_answered():
            pass
        return bytes(connection.answer[connection.begins :])


def load(port: int, request: bytes, connections: int, warm_up: float, seconds: float) -> tuple[float, int]:
    """Return the answers a second after `warm_up` seconds, and the number of all answers."""
    with ExitStack() as stack:
        opened = [stack.enter_context(closing(Connection(port))) for _ in range(connections)]
        by_number = {each.socket.fileno(): each for each in opened}
        poll = select.poll()
        for number, connection in by_number.items():
            poll.register(number, select.POLLIN)
            connection.ask(request)
        began, counted, altogether = time.perf_counter() + warm_up, 0, 0
        while (now := time.perf_counter()) < began + seconds:
            for number, _ in poll.poll(PATIENCE_SECONDS * 1000):
                if by_number[number].is_answered():
                    altogether += 1
                    counted += now >= began
                    by_number[number].ask(request)
        return counted / (time.perf_counter() - began), altogether
