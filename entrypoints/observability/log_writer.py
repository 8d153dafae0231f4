"""Log lines, written by a thread of their own: a log that is not read costs lines, and delays no other thread."""

import os
import threading
import time
from collections.abc import Iterable
from queue import SimpleQueue

import orjson

# A pipe takes so many bytes at once or none, so that lines of other processes do not come between.
MAX_BYTES_AT_ONCE = 4096
# Bytes that wait to be written; beyond them, lines are dropped.
MAX_WAITING = 4 * 1024 * 1024
# Seconds.
PAUSE = 0.05


class NonBlockingLogWriter:
    """A text stream whose writers never wait, with one thread that writes to `descriptor`."""

    def __init__(self, descriptor: int) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._waiting = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._write_all, name="lines", daemon=True).start()

    def write(self, text: str) -> None:
        """Add whole lines, as `logging` does."""
        self._add(text.encode(errors="backslashreplace"))

    def add_all(self, lines: Iterable[bytes]) -> None:
        """Add lines, each with its line break."""
        piece = b""
        for line in lines:
            if piece and len(piece) + len(line) > MAX_BYTES_AT_ONCE:
                self._add(piece)
                piece = b""
            piece += line
        if piece:
            self._add(piece)

    def drain(self, seconds: float = 1.0) -> None:
        """Return when everything is written, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, seconds)

    def _add(self, lines: bytes) -> None:
        with self._changed:
            if self._waiting + len(lines) > MAX_WAITING:
                self.dropped += lines.count(b"\n")
                return
            self._waiting += len(lines)
        self._lines.put(lines)

    def _write_all(self) -> None:
        reported = 0
        while True:
            lines, dropped = self._lines.get(), self.dropped
            report = {"event": "log_lines_dropped", "level": "warning", "number": dropped - reported}
            if dropped > reported and self._written(orjson.dumps(report) + b"\n"):
                reported = dropped
            written = self._written(lines)
            with self._changed:
                self._waiting -= len(lines)
                self.dropped += 0 if written else lines.count(b"\n")
                self._changed.notify_all()

    def _written(self, lines: bytes) -> bool:
        rest = memoryview(lines)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                # Another process has made the descriptor one that does not wait.
                time.sleep(PAUSE)
            except OSError:
                return False
        return True
