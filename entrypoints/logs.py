"""How log lines look: one JSON object a line, or aligned and coloured text on a terminal."""

import logging
import sys
from multiprocessing.util import Finalize
from typing import Any, TextIO

import orjson
import structlog

from entrypoints.lines import Lines

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
    render = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(serializer=_json)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _json(facts: Any, **_: object) -> str:
    return orjson.dumps(facts, default=str).decode()
