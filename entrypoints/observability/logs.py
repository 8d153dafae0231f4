"""Log lines: one JSON object each, or text on a terminal."""

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

# What a terminal obeys, and what many programs take for the end of a line, although JSON lets it stand in a text.
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# What every record has; the rest was passed as `extra`.
ATTRIBUTES = vars(logging.makeLogRecord({})).keys() | {"message", "asctime"}
# Priority of what is done last when a process ends.
LAST = 0

log = logging.getLogger(__name__)


def configure_without_waiting(level: str) -> NonBlockingLogWriter | None:
    """Do as `configure`, but let no thread of this process wait for the reader of standard error.

    Returns the stream that takes lines of JSON, None if standard error is a terminal.
    """
    lines = NonBlockingLogWriter(sys.stderr.fileno())
    # This is done at the end of a forked worker, and `atexit` is not.
    Finalize(None, lines.wait_until_written, exitpriority=LAST)
    configure(level, lines)
    return None if sys.stderr.isatty() else lines


def configure(level: str, stream: "TextIO | NonBlockingLogWriter | None" = None) -> None:
    """Send every record of the standard library's logging, and every warning, to `stream` or to standard error.

    Names in `extra` become members. Secrets that the environment holds at this moment are removed from all text.
    """
    logging.captureWarnings(True)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter())
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
    def __init__(self) -> None:
        super().__init__()
        self._redaction = credentials.redaction(os.environ)
        self._render = _as_text if sys.stderr.isatty() else lambda members: as_line(members).decode()

    def format(self, record: logging.LogRecord) -> str:
        facts = {"event": record.getMessage()}
        facts |= {name: fact for name, fact in vars(record).items() if name not in ATTRIBUTES}
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        redacted = {name: self._redaction.value(fact) for name, fact in facts.items()}
        at = datetime.fromtimestamp(record.created, UTC)
        return self._render({"event": "", "level": record.levelname.lower(), **redacted, "timestamp": at})


def as_line(members: Mapping[str, Any]) -> bytes:
    """Return JSON on one line, without the line break."""
    line = orjson.dumps(members, default=str, option=orjson.OPT_UTC_Z)
    return line if line.isascii() else without_commands(line.decode()).encode()


def _as_text(members: dict[str, Any]) -> str:
    at, level, event = (members.pop(name) for name in ("timestamp", "level", "event"))
    exception = members.pop("exception", "")
    # A path of a client must not make two lines of one.
    facts = "".join(f" {name}={fact if str(fact).isprintable() else repr(fact)}" for name, fact in members.items())
    return without_commands("\n".join([f"{at:%H:%M:%S} {level:<8} {event}{facts}", *exception.splitlines()]))


def without_commands(text: str) -> str:
    """Return `text` with the characters escaped that a terminal obeys; tabs and line breaks stay."""
    return COMMANDS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
