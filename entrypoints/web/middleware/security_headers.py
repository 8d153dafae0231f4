"""Security headers: bound what browsers do with a response of data, with a page and with its files."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RESPONSE_HEADERS = "endeavour.response_headers"
"""Key of the request's environ; a route that returns no data puts other headers there."""

Headers = tuple[tuple[str, str], ...]

NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
NO_REFERRER = ("Referrer-Policy", "no-referrer")
# A browser that shows data as a page runs no script and loads no file.
DATA_POLICY = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
DATA_HEADERS: Headers = (DATA_POLICY, ("Cache-Control", "no-store"), NO_SNIFFING, NO_REFERRER)


def _page_policy(images: str, forms: str) -> tuple[str, str]:
    """Return the policy of a page that loads files of this server only, asks it only, and is shown in no frame."""
    files = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'"
    return "Content-Security-Policy", f"{files}; img-src {images}; form-action {forms}; frame-ancestors 'none'"


PAGE_HEADERS: Headers = (
    _page_policy("'self' data:", "'none'"),
    ("Cache-Control", "private, max-age=3600"),
    NO_SNIFFING,
    NO_REFERRER,
)
# Pages of other origins get no hold of a window of the console, and load none of its files.
OWN_ORIGIN = (("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"))
# Under `no-referrer`, a browser sends the forms of the console with the origin `null`.
CONSOLE_PAGE_HEADERS: Headers = (
    _page_policy("'self'", "'self'"),
    ("Cache-Control", "no-store"),
    NO_SNIFFING,
    ("Referrer-Policy", "same-origin"),
    *OWN_ORIGIN,
)
CONSOLE_FILE_HEADERS: Headers = (DATA_POLICY, ("Cache-Control", "no-cache"), NO_SNIFFING, NO_REFERRER, *OWN_ORIGIN)


def with_security_headers(application: "WSGIApplication") -> "WSGIApplication":
    """Return `application` with the headers that the request's environ has, else with those of data."""

    def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(environ.get(RESPONSE_HEADERS, DATA_HEADERS))
            return start_response(status, headers, exc_info)

        return application(environ, start)

    return wrapped
