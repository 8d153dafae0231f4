"""Access log: one line for each request."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from entrypoints.lines import Lines
from entrypoints.logs import as_line
from entrypoints.web.facts import Facts

log = logging.getLogger("endeavour.access")

EVENT, MAX_PATH, MAX_METHOD = "request", 200, 32


def write(requests: Sequence[Facts], lines: Lines | None) -> None:
    """Log each of `requests`: to `lines` without a detour, or through `logging` if there are none."""
    if not log.isEnabledFor(logging.INFO):
        return
    if lines:
        lines.add_all(map(_line, requests))
        return
    for facts in requests:
        log.info(EVENT, extra=_members(facts))


def _line(facts: Facts) -> bytes:
    at = datetime.fromtimestamp(facts.at, UTC)
    return as_line({"event": EVENT, "level": "info", **_members(facts), "timestamp": at}) + b"\n"


def _members(facts: Facts) -> dict[str, Any]:
    members = {
        "request_id": facts.request_id,
        "route": facts.route,
        "method": facts.method[:MAX_METHOD],
        "path": facts.path[:MAX_PATH],
        "status": int(facts.status),
        "ms": round(facts.seconds * 1000, 3),
    }
    if facts.snapshot:
        members["rows"], members["version"] = facts.rows, facts.snapshot.version.name
    for name in ("key", "code", "trace_id"):
        if (fact := getattr(facts, name)) is not None:
            members[name] = fact
    return members
