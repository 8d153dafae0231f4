"""How log lines look: one JSON object a line, or aligned and coloured text on a terminal."""

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
from structlog.processors import JSONRenderer
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.redaction import Redaction
from entrypoints import credentials
from entrypoints.lines import Lines

# JSON lets these stand in a text as they are, but many a reader of lines takes them for the end of one, and a terminal
# for a command: what a client puts into a path must not make two lines of one.
BREAKS = re.compile("[\x80-\x9f\u2028\u2029]")
# What a terminal obeys beside those, and JSON escapes.
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")

# Of each line, the facts that no library and no server writes.
OURS = frozenset({"level", "timestamp"})

# Of what is done when a process ends.
LAST = 0

log = logging.getLogger(__name__)


def configure_without_waiting(level: str) -> Lines | None:
    """Do as `configure`, but let no thread of this process wait for whoever reads standard error.

    Returns what lines of JSON can be given to directly, None if people read along at a terminal.
    """
    lines = Lines(sys.stderr.fileno())
    # Of a forked worker this is the end as well; `atexit` is not.
    Finalize(None, lines.drain, exitpriority=LAST)
    configure(level, lines)
    return None if sys.stderr.isatty() else lines


def configure(level: str, stream: "TextIO | Lines | None" = None) -> None:
    """Send every record of the standard library's logging, and every warning, to standard error.

    Facts in `extra` become keys. The secrets that the environment holds at this moment are removed from all text.
    """
    terminal = sys.stderr.isatty()
    render: list[Processor] = (
        [_without_commands, structlog.dev.ConsoleRenderer()] if terminal else [JSONRenderer(serializer=_json)]
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


def as_line(facts: Mapping[str, Any]) -> bytes:
    """Return `facts` as JSON on one line, whatever is in them, without the line break."""
    line = orjson.dumps(facts, default=str, option=orjson.OPT_UTC_Z)
    if line.isascii():
        return line
    return BREAKS.sub(_escaped, line.decode()).encode()


def without_commands(text: str) -> str:
    """Return `text` with the characters escaped that a terminal obeys; tabs and line breaks stay."""
    return COMMANDS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _without_commands(_logger: WrappedLogger, _name: str, facts: EventDict) -> EventDict:
    return {name: without_commands(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}


def _redacted(redaction: Redaction, _logger: WrappedLogger, _name: str, facts: EventDict) -> EventDict:
    return {name: fact if name in OURS else redaction.value(fact) for name, fact in facts.items()}


def _json(facts: Any, **_: object) -> str:
    return as_line(facts).decode()
