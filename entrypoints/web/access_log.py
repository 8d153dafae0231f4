"""One line in the log for every request."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from entrypoints.lines import Lines
from entrypoints.logs import as_line
from entrypoints.web.facts import Facts

log = logging.getLogger("endeavour.access")

EVENT, LONGEST_PATH, LONGEST_METHOD = "request", 200, 32


def write(requests: Sequence[Facts], lines: Lines | None) -> None:
    """Log each of `requests`: to `lines` without a detour, or through `logging` if there are none."""
    if not (requests and log.isEnabledFor(logging.INFO)):
        return
    if lines is None:
        for facts in requests:
            log.info(EVENT, extra=_told(facts))
    else:
        lines.add(b"\n".join([*map(_line, requests), b""]))


def _line(facts: Facts) -> bytes:
    at = datetime.fromtimestamp(facts.at, UTC)
    return as_line({"event": EVENT, "level": "info", **_told(facts), "timestamp": at})


def _told(facts: Facts) -> dict[str, Any]:
    told = {
        "request_id": facts.request_id,
        "route": facts.route,
        "method": facts.method[:LONGEST_METHOD],
        "path": facts.path[:LONGEST_PATH],
        "status": int(facts.status),
        "ms": round(facts.seconds * 1000, 3),
    }
    if facts.snapshot is not None:
        told["rows"], told["version"] = facts.rows, facts.snapshot.version.name
    for name in ("key", "code", "trace_id"):
        if (known := getattr(facts, name)) is not None:
            told[name] = known
    return told
