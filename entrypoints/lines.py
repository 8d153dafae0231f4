"""Log lines, written by a thread that alone waits when nobody reads them."""

import os
import threading
import time
from collections import deque

import orjson

# What may wait while nobody reads, in bytes; then lines are dropped rather than requests delayed.
MOST_WAITING = 4 * 1024 * 1024
# No more is written to a pipe at once without other processes writing in between.
WHOLE = 4096
PAUSE = 0.05


class Lines:
    """A stream of text whose writers never wait, with one thread that writes it to `descriptor`.

    A full pipe would otherwise stop every thread that has something to say, and after a while the whole server.
    """

    def __init__(self, descriptor: int) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._untold = 0
        threading.Thread(target=self._write_all, name="lines", daemon=True).start()

    def write(self, text: str) -> None:
        """Add lines, as `logging` does it."""
        self.add(text.encode(errors="backslashreplace"))

    def flush(self) -> None:
        """Do nothing: what is added will be written."""

    def add(self, lines: bytes) -> None:
        """Have `lines`, which end with a line break, written soon; or drop and count them if too much is waiting."""
        with self._changed:
            if self._bytes + len(lines) > MOST_WAITING:
                self._drop(lines)
                return
            self._waiting.append(lines)
            self._bytes += len(lines)
            self._changed.notify_all()

    def drain(self, seconds: float = 1.0) -> None:
        """Return when everything is written, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._bytes, seconds)

    def _drop(self, lines: bytes) -> None:
        number = lines.count(b"\n")
        self.dropped += number
        self._untold += number

    def _write_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                lines = self._waiting.popleft()
            written = self._written(self._of_dropped() + lines)
            with self._changed:
                self._bytes -= len(lines)
                if not written:
                    self._drop(lines)
                self._changed.notify_all()

    def _of_dropped(self) -> bytes:
        with self._changed:
            number, self._untold = self._untold, 0
        if not number:
            return b""
        told = {"event": "log_lines_dropped", "level": "warning", "number": number}
        return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)

    def _written(self, lines: bytes) -> bool:
        """Write piece by piece, however long it takes; a place that can't be written to is no reason to end."""
        start, rest = 0, memoryview(lines)
        try:
            while start < len(lines):
                start += self._write_some(rest[start : _end_of_whole_lines(lines, start)])
        except OSError:
            return False
        return True

    def _write_some(self, piece: memoryview) -> int:
        try:
            return os.write(self._descriptor, piece)
        except BlockingIOError:
            # Somebody else has made the place one that refuses instead of waiting.
            time.sleep(PAUSE)
            return 0


def _end_of_whole_lines(lines: bytes, start: int) -> int:
    """Return the end of what to write at once from `start`: of whole lines that stay together, but of one at least."""
    if len(lines) - start <= WHOLE:
        return len(lines)
    return lines.rfind(b"\n", start, start + WHOLE) + 1 or lines.find(b"\n", start) + 1 or len(lines)
