"""Log format: one JSON object per line, or a line for people on a terminal."""

import logging
import os
import re
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from multiprocessing.util import Finalize
from typing import Any, TextIO

import orjson

from entrypoints import credentials
from entrypoints.observability.log_writer import NonBlockingLogWriter

# Control characters of a terminal, and what many programs take for a line break although JSON allows it in a text.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# Attributes of every record; the others were passed as `extra`.
ATTRIBUTES = vars(logging.makeLogRecord({})).keys() | {"message", "asctime"}
# Events whose cause `endeavour doctor` finds; their warnings and errors name it.
DOCTOR = "endeavour doctor"
EXAMINED = frozenset({
    "anonymous_access_enabled", "champion_refused", "first_sync_timed_out", "keys_not_read", "local_copy_write_failed",
    "no_model", "registry_invalid", "registry_sync_exited", "registry_unreachable", "serving", "unknown_setting",
})  # fmt: skip
# `multiprocessing` runs this finalizer last.
LAST = 0

log = logging.getLogger(__name__)


def configure_without_waiting(level: str, *, with_pid: bool = False) -> NonBlockingLogWriter | None:
    """Configure logging so that no thread of this process waits for the reader of standard error.

    `with_pid` adds the process id to each line, because several workers log the same events. Returns the writer for
    lines of JSON, None if standard error is a terminal.
    """
    writer = NonBlockingLogWriter(sys.stderr.fileno())
    # A forked worker runs finalizers, and no `atexit`.
    Finalize(None, writer.wait_until_written, exitpriority=LAST)
    configure(level, writer, with_pid=with_pid)
    return None if sys.stderr.isatty() else writer


def configure(level: str, stream: "TextIO | NonBlockingLogWriter | None" = None, *, with_pid: bool = False) -> None:
    """Write every record of `logging`, and every warning, to `stream` or to standard error.

    Names in `extra` become members. Secrets in the current environment are removed from all text.
    """
    logging.captureWarnings(True)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(with_pid=with_pid))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def log_crashes() -> None:
    """Log the exception that ends the process or a thread: Python's own report would show the secrets in its text."""

    def crashed(*error: Any) -> None:
        if not issubclass(error[0], SystemExit):
            log.critical("crashed", exc_info=error)

    sys.excepthook = crashed
    threading.excepthook = lambda thread: crashed(*thread[:3])


class _Formatter(logging.Formatter):
    def __init__(self, *, with_pid: bool) -> None:
        super().__init__()
        self._redaction = credentials.redaction(os.environ)
        self._with_pid = with_pid
        self._render = _as_text if sys.stderr.isatty() else lambda members: as_line(members).decode()

    def format(self, record: logging.LogRecord) -> str:
        event = record.getMessage()
        members = {name: value for name, value in vars(record).items() if name not in ATTRIBUTES}
        if self._with_pid:
            members.setdefault("pid", record.process)
        if event in EXAMINED and record.levelno >= logging.WARNING:
            members["help"] = DOCTOR
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        redacted = {name: self._redaction.value(value) for name, value in {"event": event, **members}.items()}
        timestamp = datetime.fromtimestamp(record.created, UTC)
        return self._render({"event": "", "level": record.levelname.lower(), **redacted, "timestamp": timestamp})


def as_line(members: Mapping[str, Any]) -> bytes:
    """Return JSON on one line, without the line break."""
    line = orjson.dumps(members, default=str, option=orjson.OPT_UTC_Z)
    return line if line.isascii() else escape_controls(line.decode()).encode()


def _as_text(members: dict[str, Any]) -> str:
    """Return a line for people: local time, the level from `warning` on, the event or the request, other members."""
    timestamp, level, event = (members.pop(name) for name in ("timestamp", "level", "event"))
    exception = members.pop("exception", "")
    if event == "request" and "status" in members:
        event = " ".join(_quoted(members.pop(name)) for name in ("method", "path", "status"))
        members = {name: members[name] for name in ("ms", "rows", "version", "code", "key") if name in members}
    words = [f"{timestamp.astimezone():%H:%M:%S}", *([level.upper()] if level not in ("debug", "info") else []), event]
    words += [f"{name}={_quoted(value)}" for name, value in members.items() if value not in ("", None)]
    return escape_controls("\n".join([" ".join(words), *exception.splitlines()]))


def _quoted(value: object) -> str:
    """Return the text of `value`, quoted if it could look like other words or lines."""
    text = str(value)
    return text if text.isprintable() and " " not in text else repr(text)


def escape_controls(text: str) -> str:
    """Return `text` with the control characters escaped that a terminal obeys; tabs and line breaks stay."""
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
