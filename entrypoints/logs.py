"""How log lines look: one JSON object a line, or aligned and coloured text on a terminal."""

import logging
import re
import sys
from collections.abc import Mapping
from multiprocessing.util import Finalize
from typing import Any, TextIO

import orjson
import structlog
from structlog.processors import JSONRenderer
from structlog.typing import EventDict, Processor, WrappedLogger

from entrypoints.lines import Lines

# JSON lets these stand in a text as they are, but many a reader of lines takes them for the end of one, and a terminal
# for a command: what a client puts into a path must not make two lines of one.
BREAKS = re.compile("[\x80-\x9f\u2028\u2029]")
# What a terminal obeys beside those, and JSON escapes.
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")

# Of what is done when a process ends.
LAST = 0


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
    """Send every record of the standard library's logging to standard error; facts in `extra` become keys."""
    terminal = sys.stderr.isatty()
    render: list[Processor] = (
        [_without_commands, structlog.dev.ConsoleRenderer()] if terminal else [JSONRenderer(serializer=_json)]
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def as_line(facts: Mapping[str, Any]) -> bytes:
    """Return `facts` as JSON on one line, whatever is in them, without the line break."""
    line = orjson.dumps(facts, default=str, option=orjson.OPT_UTC_Z)
    if line.isascii():
        return line
    return BREAKS.sub(_escaped, line.decode()).encode()


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _without_commands(_logger: WrappedLogger, _name: str, facts: EventDict) -> EventDict:
    return {name: COMMANDS.sub(_escaped, fact) if isinstance(fact, str) else fact for name, fact in facts.items()}


def _json(facts: Any, **_: object) -> str:
    return as_line(facts).decode()
