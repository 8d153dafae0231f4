"""The outermost layer: gives every request an id and a line in the access log, whatever becomes of it."""

import logging
import os
import re
from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("endeavour.access")

FACTS = "endeavour.facts"
HARMLESS_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST_PATH = 200


class Facts:
    """What becomes known of a request on its way; views add what they know."""

    __slots__ = ("key", "request_id", "rows", "version")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.key: str | None = None
        self.rows: int | None = None
        self.version: str | None = None


def facts_of(environ: "WSGIEnvironment") -> Facts:
    """Return the facts of the request that `environ` belongs to."""
    facts: Facts = environ[FACTS]
    return facts


class Accounted:
    """A WSGI application around another."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on, and log it when its answer begins."""
        began = perf_counter()
        facts = environ[FACTS] = Facts(request_id(environ.get("HTTP_X_REQUEST_ID")))

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.append(("X-Request-Id", facts.request_id))
            if log.isEnabledFor(logging.INFO):
                _log(environ, facts, status, perf_counter() - began)
            return start_response(status, headers, exc_info)

        return self._application(environ, start)


def request_id(proposed: str | None) -> str:
    """Return the client's id if it can do no harm in a header or a log, else a new one."""
    return proposed if proposed and HARMLESS_ID.fullmatch(proposed) else os.urandom(12).hex()


def _log(environ: "WSGIEnvironment", facts: Facts, status: str, seconds: float) -> None:
    told = {
        "request_id": facts.request_id,
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"][:LONGEST_PATH],
        "status": int(status[:3]),
        "ms": round(seconds * 1000, 3),
    }
    if facts.key is not None:
        told["key"] = facts.key
    if facts.rows is not None:
        told["rows"], told["version"] = facts.rows, facts.version
    log.info("request", extra=told)
