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
        lines.add_all(as_line(_line(facts)) + b"\n" for facts in requests)
        return
    for facts in requests:
        log.info(EVENT, extra=_members(facts))


def _line(facts: Facts) -> dict[str, Any]:
    at = datetime.fromtimestamp(facts.at, UTC)
    return {"event": EVENT, "level": "info", **_members(facts), "timestamp": at}


def _members(facts: Facts) -> dict[str, Any]:
    members = {
        "request_id": facts.request_id,
        "route": facts.route,
        "method": facts.method[:MAX_METHOD],
        "path": facts.path[:MAX_PATH],
        "status": int(facts.status),
        "ms": round(facts.seconds * 1000, 3),
        "rows": facts.rows,
        "version": facts.snapshot and facts.snapshot.version.name,
        "key": facts.key,
        "code": facts.code,
        "trace_id": facts.trace_id,
    }
    return {name: fact for name, fact in members.items() if fact is not None}
