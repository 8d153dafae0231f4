"""Forms of the console: their fields, read within bounds, and where they were sent from."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from entrypoints.web.wire.body import read_body, reject_encodings
from entrypoints.web.wire.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_BYTES, MAX_FIELDS = 8_192, 16


def read_form(environ: "WSGIEnvironment") -> Mapping[str, str]:
    """Return the fields of a form, or raise `ProblemError`."""
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise ProblemError(415, "unsupported_media_type", "send a form of the console")
    reject_encodings(environ)
    raw = read_body(environ, MAX_BYTES)
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise ProblemError(400, "wrong_type", "the body is no form of the console") from error


def is_from_elsewhere(environ: "WSGIEnvironment") -> bool:
    """Return whether a browser notes that a page of another origin sent the request.

    A browser sends the header over TLS and to loopback addresses only, so that a form also needs its proof.
    """
    site: str = environ.get("HTTP_SEC_FETCH_SITE", "same-origin")
    return site != "same-origin"
