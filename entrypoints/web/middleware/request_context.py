"""Request context: gives every request an id, times it, and passes its context to the recorder."""

import re
from collections.abc import Iterable
from random import getrandbits
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from entrypoints.observability.request_context import ENVIRON_KEY, RequestContext
from entrypoints.observability.request_recorder import RequestRecorder

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# W3C Trace Context: version 00 ends after the flags, later versions may go on behind a dash, and ff is invalid.
TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})(?P<trace_id>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
    r"(?P<more>-.*)?"
)


def with_request_context(application: "WSGIApplication", recorder: RequestRecorder) -> "WSGIApplication":
    """Return `application`, each request with a context that is recorded when the response has been made."""

    def with_context(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began = perf_counter()
        context = environ[ENVIRON_KEY] = RequestContext(
            request_id(environ.get("HTTP_X_REQUEST_ID")),
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            time(),
            trace_id(environ.get("HTTP_TRACEPARENT")),
            environ.get("HTTP_X_ENTITY_ID"),
        )

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            context.status = status[:3]
            # Werkzeug keeps its request there until it is answered, and Flask the rule in that.
            rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
            if rule is not None:
                context.route = rule.rule
            headers.append(("X-Request-Id", context.request_id))
            return start_response(status, headers, exc_info)

        recorder.begin(context)
        try:
            return application(environ, start)
        finally:
            context.seconds = perf_counter() - began
            recorder.end(context)

    return with_context


def request_id(proposed: str | None) -> str:
    """Return the client's id if it can do no harm in a header or a log, else a new one."""
    if proposed and SAFE_REQUEST_ID.fullmatch(proposed):
        return proposed
    return f"{getrandbits(96):024x}"  # not a secret


def trace_id(traceparent: str | None) -> str | None:
    """Return the id of the client's trace, None if `traceparent` is absent or malformed."""
    found = TRACEPARENT.fullmatch(traceparent or "")
    if not found or (found["more"] and found["version"] == "00"):
        return None
    return found["trace_id"]
