"""Log writer: writes log lines from a thread of its own, so that an unread log costs lines and delays no thread."""

import os
import threading
import time
from collections.abc import Iterable
from queue import SimpleQueue

import orjson

# A pipe takes this many bytes whole or not at all, so that lines of other processes do not come between.
MAX_WRITE_BYTES = 4096
# Beyond this many queued bytes, lines are dropped.
MAX_QUEUED_BYTES = 4 * 1024 * 1024
RETRY_SECONDS = 0.05


class NonBlockingLogWriter:
    """A text stream for `logging` whose `write` only queues; one thread writes to the file `descriptor`.

    It has no `flush`: `logging` would call that after each line, and wait.

    Attributes
    ----------
    dropped : int
        Lines that were dropped so far.
    """

    def __init__(self, descriptor: int) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._queue: SimpleQueue[bytes] = SimpleQueue()
        self._queued_bytes = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._write_forever, name="log writer", daemon=True).start()

    def write(self, text: str) -> None:
        """Queue whole lines, as `logging` passes them."""
        self._put(text.encode(errors="backslashreplace"))

    def add_all(self, lines: Iterable[bytes]) -> None:
        """Queue lines, each with its line break."""
        piece = b""
        for line in lines:
            if piece and len(piece) + len(line) > MAX_WRITE_BYTES:
                self._put(piece)
                piece = b""
            piece += line
        if piece:
            self._put(piece)

    def wait_until_written(self, timeout_seconds: float = 1.0) -> None:
        """Return when every queued line is written, or after the timeout."""
        with self._changed:
            self._changed.wait_for(lambda: not self._queued_bytes, timeout_seconds)

    def _put(self, lines: bytes) -> None:
        with self._changed:
            if self._queued_bytes + len(lines) > MAX_QUEUED_BYTES:
                self.dropped += lines.count(b"\n")
                return
            self._queued_bytes += len(lines)
        self._queue.put(lines)

    def _write_forever(self) -> None:
        reported = 0
        while True:
            lines, dropped = self._queue.get(), self.dropped
            report = {"event": "log_lines_dropped", "level": "warning", "number": dropped - reported}
            if dropped > reported and self._written(orjson.dumps(report) + b"\n"):
                reported = dropped
            written = self._written(lines)
            with self._changed:
                self._queued_bytes -= len(lines)
                self.dropped += 0 if written else lines.count(b"\n")
                self._changed.notify_all()

    def _written(self, lines: bytes) -> bool:
        rest = memoryview(lines)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                # Another process has made the shared descriptor non-blocking.
                time.sleep(RETRY_SECONDS)
            except OSError:
                return False
        return True
