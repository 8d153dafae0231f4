"""How log lines look: one JSON object a line, or aligned and coloured text on a terminal."""

import logging
import sys
from typing import Any

import orjson
import structlog


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
    return orjson.dumps(facts, default=str).decode()
