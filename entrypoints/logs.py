"""How log lines look: one JSON object a line, or aligned and coloured text on a terminal."""

import logging
import re
import sys
from typing import Any

import orjson
import structlog

# JSON lets these stand in a text as they are, but many a reader of lines takes them for the end of one, and a terminal
# for a command: what a client puts into a path must not make two lines of one.
BREAKS = re.compile("[\x80-\x9f\u2028\u2029]")


def configure(level: str) -> None:
    """Send every record of the standard library's logging to standard error; facts in `extra` become keys."""
    terminal = sys.stderr.isatty()
    render = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(serializer=_json)
    handler = logging.StreamHandler(sys.stderr)
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
    line = orjson.dumps(facts, default=str).decode()
    return line if line.isascii() else BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
