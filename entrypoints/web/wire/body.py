"""Request bodies as bytes: media type, encoding and length are validated, and the body is read within its bounds."""

from io import BytesIO
from typing import TYPE_CHECKING

from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, WSGIEnvironment

JSON_TYPE = "application/json"
MAX_LENGTH_DIGITS = 18
READ_BYTES = 256 * 1024


def content_type(environ: "WSGIEnvironment") -> str:
    """Return the header Content-Type, JSON by default; raise `ProblemError` if a web page left it out.

    A browser sends a body without a type to any origin, and does not ask that origin first (preflight).
    """
    kind: str = environ.get("CONTENT_TYPE") or ""
    if not kind and "HTTP_ORIGIN" in environ:
        raise unsupported_media_type()
    return kind or JSON_TYPE


def unsupported_media_type() -> ProblemError:
    """Return the problem of a body that is not JSON."""
    return ProblemError(415, "unsupported_media_type", f"send the header Content-Type: {JSON_TYPE}")


def reject_encodings(environ: "WSGIEnvironment") -> None:
    """Raise `ProblemError` if the header Content-Encoding names a compression."""
    encoding = environ.get("HTTP_CONTENT_ENCODING")
    if encoding and encoding.strip().lower() not in ("", "identity"):
        raise ProblemError(415, "unsupported_encoding", "send the body as it is, without Content-Encoding")


def require_content_length(environ: "WSGIEnvironment") -> None:
    """Raise `ProblemError` if the body is chunked, because a broken connection would look like the end of the body.

    Half a JSON document is invalid JSON. Half a table of lines is a table with fewer lines.
    """
    if not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
        raise ProblemError(411, "length_required", "send the header Content-Length with a body of this type")


def read_body(environ: "WSGIEnvironment", max_bytes: int) -> bytes:
    """Return the body and acquire the request's permit, or raise `ProblemError`."""
    context = context_of(environ)
    with context.permit.reading_body():
        raw = _read_bounded(environ, max_bytes)
    context.body_bytes = len(raw)
    context.permit.acquire()
    return raw


def _read_bounded(environ: "WSGIEnvironment", max_bytes: int) -> bytes:
    """Read the body from the server: Flask would cut a chunked one at its limit without an error."""
    declared: str = environ.get("CONTENT_LENGTH") or ""
    stream = environ["wsgi.input"]
    if not declared:
        raw = read_at_most(stream, max_bytes + 1) if environ.get("wsgi.input_terminated") else b""
    else:
        raw = read_at_most(stream, _declared_length(declared, max_bytes))
        if len(raw) != int(declared):
            raise ProblemError(400, "length_mismatch", "the body ended before its Content-Length")
    if len(raw) > max_bytes:
        raise _too_large(max_bytes)
    return raw


def read_at_most(stream: "InputStream", max_bytes: int) -> bytes:
    """Return the bytes of `stream`, at most `max_bytes` of them.

    Long bodies are read by pieces, because granian copies all that has arrived each time that more arrives.
    """
    chunk = _read_chunk(stream, min(READ_BYTES, max_bytes))
    if len(chunk) in (0, max_bytes):
        return chunk
    whole = BytesIO()
    while chunk:
        whole.write(chunk)
        chunk = _read_chunk(stream, min(READ_BYTES, max_bytes - whole.tell()))
    return whole.getvalue()


def _read_chunk(stream: "InputStream", max_bytes: int) -> bytes:
    try:
        return stream.read(max_bytes)
    except Exception as error:  # each server raises exceptions of its own
        raise ProblemError(400, "length_mismatch", "the body broke off, or its chunks are not well-formed") from error


def _declared_length(declared: str, max_bytes: int) -> int:
    if not (declared.isascii() and declared.isdecimal()):
        raise ProblemError(400, "length_mismatch", "Content-Length is not a number")
    if len(declared) > MAX_LENGTH_DIGITS or int(declared) > max_bytes:
        raise _too_large(max_bytes)
    return int(declared)


def _too_large(max_bytes: int) -> ProblemError:
    return ProblemError(413, "body_too_large", f"the body may have {max_bytes} bytes")
