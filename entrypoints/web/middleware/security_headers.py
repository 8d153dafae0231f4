"""Security headers: bound what browsers do with a response of data and with a page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

IS_PAGE = "endeavour.page"
COMMON_HEADERS = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))
# A browser that shows data as a page runs no script and loads no file.
DATA_HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
    *COMMON_HEADERS,
)
# A page of ours loads files of this server only, sends requests to this server only, and is shown in no frame.
PAGE_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("Cache-Control", "private, max-age=3600"),
    *COMMON_HEADERS,
)


def with_security_headers(application: "WSGIApplication") -> "WSGIApplication":
    """Return `application` with the headers of data, or of a page where the request's environ has `IS_PAGE`."""

    def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(PAGE_HEADERS if IS_PAGE in environ else DATA_HEADERS)
            return start_response(status, headers, exc_info)

        return application(environ, start)

    return wrapped
