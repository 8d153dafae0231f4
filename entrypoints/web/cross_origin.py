"""Which pages of other origins may ask this server from a browser: those that the settings name, else none."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

READABLE = "X-Request-Id, X-Model-Version, X-Model-Source, Retry-After"
# A preflight asks before the request itself, and a browser keeps the answer for ten minutes.
PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, X-API-Key, X-Request-Id, traceparent, tracestate"),
    ("Access-Control-Max-Age", "600"),
]
VARY = ("Vary", "Origin")


class CrossOrigin:
    """A WSGI application around another, which pages of `origins` may ask.

    Cookies are no way to prove anything here, so that browsers are never told to send them.
    """

    def __init__(self, application: "WSGIApplication", origins: Collection[str]) -> None:
        self._application = application
        self._allowed = {
            origin: [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", READABLE), VARY]
            for origin in origins
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer the preflight of a page that may ask; pass on everything else, and say who may read the answer."""
        allowed = self._allowed.get(environ.get("HTTP_ORIGIN", ""))
        if allowed and environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            start_response("204 No Content", [*allowed, *PREFLIGHT])
            return []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(allowed or [VARY])
            return start_response(status, headers, exc_info)

        return self._application(environ, start)


def across_origins(application: "WSGIApplication", origins: Collection[str]) -> "WSGIApplication":
    """Return `application` as pages of `origins` may ask it: as it is, if there are none."""
    return CrossOrigin(application, origins) if origins else application
