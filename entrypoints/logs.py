"""Log lines: one JSON object each, or aligned and colored text on a terminal."""

import logging
import os
import re
import sys
import threading
from collections.abc import Mapping
from functools import partial
from multiprocessing.util import Finalize
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.redaction import Redaction
from entrypoints import credentials
from entrypoints.lines import Lines

# JSON lets these stand in a text, but many programs take them for the end of a line, and a terminal for a command: a
# path of a client must not make two lines of one.
BREAKS = re.compile("[\x80-\x9f\u2028\u2029]")
# What a terminal obeys beside those, and JSON escapes.
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# Members of a line that no client and no library has written.
OURS = frozenset({"level", "timestamp"})
# Priority of what is done last when a process ends.
LAST = 0

log = logging.getLogger(__name__)


def configure_without_waiting(level: str) -> Lines | None:
    """Do as `configure`, but let no thread of this process wait for the reader of standard error.

    Returns the stream that takes lines of JSON, None if standard error is a terminal.
    """
    lines = Lines(sys.stderr.fileno())
    # This is done at the end of a forked worker, and `atexit` is not.
    Finalize(None, lines.drain, exitpriority=LAST)
    configure(level, lines)
    return None if sys.stderr.isatty() else lines


def configure(level: str, stream: "TextIO | Lines | None" = None) -> None:
    """Send every record of the standard library's logging, and every warning, to `stream` or to standard error.

    Names in `extra` become members. Secrets that the environment holds at this moment are removed from all text.
    """
    render: list[Processor] = (
        [_without_commands, structlog.dev.ConsoleRenderer()] if sys.stderr.isatty() else [_as_json]
    )
    redacted = partial(_redacted, credentials.redaction(os.environ))
    logging.captureWarnings(True)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacted, *render],
        )
    )
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


def as_line(members: Mapping[str, Any]) -> bytes:
    """Return JSON on one line, without the line break."""
    line = orjson.dumps(members, default=str, option=orjson.OPT_UTC_Z)
    return line if line.isascii() else BREAKS.sub(_escaped, line.decode()).encode()


def without_commands(text: str) -> str:
    """Return `text` with the characters escaped that a terminal obeys; tabs and line breaks stay."""
    return COMMANDS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _without_commands(_logger: WrappedLogger, _name: str, members: EventDict) -> EventDict:
    return {name: without_commands(text) if isinstance(text, str) else text for name, text in members.items()}


def _redacted(redaction: Redaction, _logger: WrappedLogger, _name: str, members: EventDict) -> EventDict:
    return {name: fact if name in OURS else redaction.value(fact) for name, fact in members.items()}


def _as_json(_logger: WrappedLogger, _name: str, members: EventDict) -> str:
    return as_line(members).decode()
