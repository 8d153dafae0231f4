"""What every answer tells browsers to do with it, be it a prediction, a refusal or a page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = tuple[tuple[str, str], ...]
TOLD = "endeavour.browsers"


def _policy(keep: str, **sources: str) -> Headers:
    """Return the headers for an answer that may be kept as `keep` says, and be a page made of `sources`."""
    allowed = {"default-src": "'none'", **{name.replace("_", "-"): place for name, place in sources.items()}}
    return (
        ("Content-Security-Policy", "; ".join(f"{name} {place}" for name, place in allowed.items())),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", keep),
    )


# An answer is no page, so a browser that is made to show one as a page gets nothing to run or load.
DATA = _policy("no-store", frame_ancestors="'none'")
# A page of ours runs the files that come with it, asks this server and no other, and stands in no other's frame.
PAGE = _policy(
    "private, max-age=3600",
    script_src="'self'",
    style_src="'self'",
    img_src="'self' data:",
    connect_src="'self'",
    base_uri="'none'",
    form_action="'none'",
    frame_ancestors="'none'",
)


def tell_browsers(environ: "WSGIEnvironment", headers: Headers) -> None:
    """Have the answer to the request of `environ` carry `headers` instead of those of data."""
    environ[TOLD] = headers


class Browsers:
    """A WSGI application around all others."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on, and add the headers to the answer."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(environ.get(TOLD, DATA))
            return start_response(status, headers, exc_info)

        return self._application(environ, start)
