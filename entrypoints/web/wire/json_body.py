"""The bytes of a request's body, and the value of its JSON, within bounds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from entrypoints.web.middleware.concurrency_limit import turn_of
from entrypoints.web.wire.problems import Place, ProblemError
from entrypoints.web.wire.responses import JSON_TYPE
from entrypoints.web.wire.schemas import too_many_rows

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, WSGIEnvironment

MAX_ROWS = 200_000
MAX_INTEGER_DIGITS = 18
PIECE = 1024 * 1024
# The outer object and the list of rows are open beside the rows themselves.
OPEN_BESIDE_ROWS = 2
OPEN_BRACE, ONE_BIT, QUOTE = ord("{"), ord("{") ^ ord("["), ord('"')

# How orjson's messages begin, and the answer to each; to every other, `bad_json`.
REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "depth limit exceeded": (400, "too_deep", "lists and objects are nested too deeply"),
    "str is not valid UTF-8": (400, "invalid_encoding", "not UTF-8"),
    "UTF-8 byte order mark": (400, "invalid_encoding", "the body begins with a byte order mark"),
    "number is infinity": (422, "not_finite", "a number is beyond a 64-bit float"),
    # orjson finds more opening brackets than the rest of the body could close.
    "failed to allocate memory": (400, "bad_json", "not JSON: lists or objects are not closed"),
}


class Limits(NamedTuple):
    """Bytes of a body and rows of a batch, at most."""

    body: int
    rows: int


def read_json(environ: "WSGIEnvironment", limits: Limits, beside_rows: int = OPEN_BESIDE_ROWS) -> tuple[Any, bytes]:
    """Return the value of the body's JSON, and the body; or raise `ProblemError`.

    There may be `beside_rows` lists and objects that are not rows.
    """
    if content_type(environ).partition(";")[0].strip().lower() != JSON_TYPE:
        raise _other_type()
    reject_encodings(environ)
    raw = read(environ, limits)
    return parse_json(raw, limits.rows, beside_rows), raw


def parse_json(raw: bytes, rows: int, beside_rows: int = OPEN_BESIDE_ROWS) -> Any:
    """Return the value of the JSON in `raw`, or raise `ProblemError`; `rows` is how many there may be."""
    _reject_too_many_rows(raw, rows, beside_rows)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _not_json(raw, error) from error


def content_type(environ: "WSGIEnvironment") -> str:
    """Return the header Content-Type, JSON if there is none; or raise `ProblemError` if a web page left it out.

    A browser sends a body without a type to any origin, and does not ask that origin first (preflight).
    """
    kind: str = environ.get("CONTENT_TYPE") or ""
    if not kind and "HTTP_ORIGIN" in environ:
        raise _other_type()
    return kind or JSON_TYPE


def _other_type() -> ProblemError:
    return ProblemError(415, "unsupported_media_type", f"send the header Content-Type: {JSON_TYPE}")


def reject_encodings(environ: "WSGIEnvironment") -> None:
    """Raise `ProblemError` if the header Content-Encoding names a compression."""
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        raise ProblemError(415, "unsupported_encoding", "send the body as it is, without Content-Encoding")


def require_content_length(environ: "WSGIEnvironment") -> None:
    """Raise `ProblemError` if the body is chunked: a connection that broke would look like the end of the body.

    Half a JSON document is no JSON. Half a table of lines is a table with fewer lines.
    """
    if not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
        raise ProblemError(411, "length_required", "send the header Content-Length with a body of this type")


def read(environ: "WSGIEnvironment", limits: Limits) -> bytes:
    """Return the body, once it is this request's turn to be worked on; or raise `ProblemError`."""
    turn = turn_of(environ)
    turn.wait_for_body()
    try:
        raw = _bounded(environ, limits.body)
    finally:
        turn.body_is_here()
    turn.take()
    return raw


def _bounded(environ: "WSGIEnvironment", limit: int) -> bytes:
    """Read the body from the server: Flask would cut a chunked one at its limit without an error."""
    declared: str = environ.get("CONTENT_LENGTH") or ""
    body = environ["wsgi.input"]
    if not declared:
        raw = taken(body, limit + 1) if environ.get("wsgi.input_terminated") else b""
    else:
        raw = taken(body, _length(declared, limit))
        if len(raw) != int(declared):
            raise ProblemError(400, "length_mismatch", "the body ended before its Content-Length")
    if len(raw) > limit:
        raise _too_large(limit)
    return raw


def taken(body: "InputStream", most: int) -> bytes:
    """Return the bytes of `body`, at most `most` of them.

    Long bodies are read by the megabyte: granian copies all that has arrived each time that more arrives, and takes
    40 ms for 20 MB at once, 10 ms by the megabyte.
    """
    pieces, left = [], most
    while left and (piece := _piece(body, min(PIECE, left))):
        pieces.append(piece)
        left -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _piece(body: "InputStream", most: int) -> bytes:
    try:
        return body.read(most)
    except Exception as error:  # each server has exceptions of its own for it
        raise ProblemError(400, "length_mismatch", "the body broke off, or its chunks are not well-formed") from error


def _length(declared: str, limit: int) -> int:
    if not (declared.isascii() and declared.isdecimal()):
        raise ProblemError(400, "length_mismatch", "Content-Length is not a number")
    if len(declared) > MAX_INTEGER_DIGITS or int(declared) > limit:
        raise _too_large(limit)
    return int(declared)


def too_many(rows: int) -> ProblemError:
    """Return the refusal of a body with more rows than `rows`."""
    fault = too_many_rows(rows)
    return ProblemError(422, fault.code, f"the body {fault.detail}", [Place("the body", fault.detail)])


def _reject_too_many_rows(raw: bytes, rows: int, beside: int) -> None:
    """Refuse a body of more lists and objects than there may be rows, before the parser makes each of them.

    Four megabytes of `[],` would be 200 MB. Strings are left out only if the brackets in them could decide.
    """
    most = rows + beside
    if len(raw) > most and _brackets(raw) > most and _brackets(_without_strings(raw)) > most:
        raise too_many(rows)


def _without_strings(raw: bytes) -> bytes:
    """Return `raw` up to its first fault as JSON without the text of its strings.

    Without escapes, each quote begins or ends a string. A backslash outside of strings is a fault.
    """
    left = np.frombuffer(raw.replace(b"\\\\", b"").replace(b'\\"', b""), np.uint8)
    return left[~np.bitwise_xor.accumulate(left == QUOTE)].tobytes()


def _brackets(raw: bytes) -> int:
    """Return how many [ and {, which differ in one bit, are in `raw`.

    Two searches that find no third bracket cost a fifth of counting.
    """
    first = [raw.find(bracket) for bracket in b"[{"]
    if all(raw.find(bracket, at + 1) < 0 for bracket, at in zip(b"[{", first, strict=True)):
        return sum(at >= 0 for at in first)
    return int(np.count_nonzero(np.frombuffer(raw, np.uint8) | ONE_BIT == OPEN_BRACE))


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, "body_too_large", f"the body may have {limit} bytes")


def _not_json(raw: bytes, error: orjson.JSONDecodeError) -> ProblemError:
    if not raw.strip():
        return ProblemError(400, "empty_body", 'the body is empty; send {"X": …}')
    other = (400, "bad_json", f"not JSON: {error.msg.partition(':')[0]}")
    found = (refusal for start, refusal in REFUSALS.items() if error.msg.startswith(start))
    status, code, detail = next(found, other)
    return ProblemError(status, code, f"{detail}, at character {error.pos}")
