"""Headers that tell browsers what they may do with an answer: a prediction, a refusal or a page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

IS_PAGE = "endeavour.page"
ALL = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))
# A browser that shows data as a page runs and loads nothing.
DATA = (("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"), ("Cache-Control", "no-store"), *ALL)
# A page of ours runs the files that come with it, asks this server alone, and is in no frame.
PAGE = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("Cache-Control", "private, max-age=3600"),
    *ALL,
)


def with_security_headers(application: "WSGIApplication") -> "WSGIApplication":
    """Return `application` with the headers of data, or of a page where the request's environ has `IS_PAGE`."""

    def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(PAGE if IS_PAGE in environ else DATA)
            return start_response(status, headers, exc_info)

        return application(environ, start)

    return wrapped
