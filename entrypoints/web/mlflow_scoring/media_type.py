"""Which of the forms a request's headers announce."""

from typing import TYPE_CHECKING

from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.body import content_type
from entrypoints.web.problems import Refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CSV_TYPE = "text/csv"
KNOWN = (JSON_TYPE, CSV_TYPE)


def media_type(environ: "WSGIEnvironment") -> str:
    """Return the media type of the body, JSON if none is named, or raise `Refused`.

    Types, parameters and UTF-8's name are read as RFC 9110 has it, whatever their case.
    """
    named = content_type(environ)
    if named in KNOWN:
        return named
    kind, *parameters = (part.strip() for part in named.lower().split(";"))
    if kind not in KNOWN:
        raise Refused(415, "unsupported_media_type", f"send {JSON_TYPE} or {CSV_TYPE}")
    for parameter in filter(None, parameters):
        _refuse_all_but_utf8(parameter)
    return kind


def _refuse_all_but_utf8(parameter: str) -> None:
    name, _, value = parameter.partition("=")
    if name != "charset":
        raise Refused(415, "unsupported_media_type", "the only parameter that a Content-Type may have is charset")
    if value.strip('"') != "utf-8":
        raise Refused(415, "unsupported_media_type", "the only charset is utf-8")
