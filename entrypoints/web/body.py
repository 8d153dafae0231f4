"""From the bytes of a request to the value its JSON stands for, within bounds and without surprises."""

import json
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import orjson

from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.forms import too_many_rows
from entrypoints.web.limits import Limits
from entrypoints.web.problems import Place, Refused
from entrypoints.web.turns import turn_of

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, WSGIEnvironment

LONGEST_NUMBER = 18
PIECE = 1024 * 1024
# The outer object and the list of rows are open beside the rows themselves.
OPEN_BESIDE_ROWS = 2
OPEN_BRACE, ONE_BIT, QUOTE = ord("{"), ord("{") ^ ord("["), ord('"')
# How orjson begins to say that a number is JSON, but beyond a float.
TOO_LARGE = "number is infinity"

# How orjson's messages begin: the parser knows better than we do why it refused. What is not listed is `bad_json`.
CODES = {
    "depth limit exceeded": "too_deep",
    "str is not valid UTF-8": "invalid_encoding",
    "UTF-8 byte order mark": "invalid_encoding",
}
# How orjson says that more is opened than could ever be closed in what is left of the body.
NEVER_CLOSED = "failed to allocate memory"


def read_json(environ: "WSGIEnvironment", limits: Limits, beside_rows: int = OPEN_BESIDE_ROWS) -> tuple[Any, bytes]:
    """Return what the body says, and the body; or raise `Refused`.

    There may be `beside_rows` lists and objects that are not rows.
    """
    _refuse_other_types(environ)
    refuse_encodings(environ)
    raw = read(environ, limits)
    return parse_json(raw, limits.rows, beside_rows), raw


def parse_json(raw: bytes, rows: int, beside_rows: int = OPEN_BESIDE_ROWS) -> Any:
    """Return what `raw` says, or raise `Refused`; `rows` is how many there may be."""
    _refuse_too_many_rows(raw, rows, beside_rows)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if error.msg.startswith(TOO_LARGE):
            return _with_infinities(raw)
        raise _not_json(raw, error) from error


def refuse_repeated_keys(raw: bytes, members: int) -> None:
    """Raise `Refused` if an object in `raw` has a key twice; `members` is how many were left after parsing.

    A parsed object keeps the last of two equal keys. Every member has one colon outside of strings, so as many colons
    as members mean that none was lost; only if there are more, the slow parser looks where they come from.
    """
    if raw.count(b":") != members:
        try:
            # Numbers have been checked already, and text of 5,000 digits would be an error in `int`.
            json.loads(raw, object_pairs_hook=_no_key_twice, parse_int=float)
        except RecursionError as error:
            raise _too_deep() from error


def _refuse_other_types(environ: "WSGIEnvironment") -> None:
    kind = content_type(environ)
    if kind != JSON_TYPE and kind.partition(";")[0].strip().lower() != JSON_TYPE:
        raise _other_type()


def content_type(environ: "WSGIEnvironment") -> str:
    """Return the header Content-Type, JSON if there is none; or raise `Refused` if a web page left it out.

    A browser sends a body without a type to any origin, and does not ask that origin first (preflight).
    """
    kind: str = environ.get("CONTENT_TYPE") or ""
    if not kind and "HTTP_ORIGIN" in environ:
        raise _other_type()
    return kind or JSON_TYPE


def _other_type() -> Refused:
    return Refused(415, "unsupported_media_type", f"send the header Content-Type: {JSON_TYPE}")


def refuse_encodings(environ: "WSGIEnvironment") -> None:
    """Raise `Refused` if the body is said to be compressed."""
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        raise Refused(415, "unsupported_encoding", "send the body as it is, without Content-Encoding")


def refuse_unknown_length(environ: "WSGIEnvironment") -> None:
    """Raise `Refused` if the end of the body could not be told from a connection that broke.

    Servers hand over what has come of a chunked body as if it were all. Of JSON that is not JSON; a table of lines is
    one with fewer lines.
    """
    if not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
        raise Refused(411, "length_required", "send the header Content-Length with a body of this type")


def read(environ: "WSGIEnvironment", limits: Limits) -> bytes:
    """Return the body, once it is this request's turn to be worked on; or raise `Refused`."""
    turn = turn_of(environ)
    turn.wait_for_body()
    try:
        raw = _bounded(environ, limits.body)
    finally:
        turn.body_is_here()
    turn.take()
    return raw


def _bounded(environ: "WSGIEnvironment", limit: int) -> bytes:
    """Read the body here and not through Flask, which cuts a chunked one at its limit and says nothing."""
    declared: str = environ.get("CONTENT_LENGTH") or ""
    body = environ["wsgi.input"]
    if not declared:
        raw = taken(body, limit + 1) if environ.get("wsgi.input_terminated") else b""
    else:
        raw = taken(body, _length(declared, limit))
        if len(raw) != int(declared):
            raise Refused(400, "length_mismatch", "the body ended before its Content-Length")
    if len(raw) > limit:
        raise _too_large(limit)
    return raw


def taken(body: "InputStream", most: int) -> bytes:
    """Return what there is of `body`, of `most` bytes at most.

    Large ones are read piece by piece: granian copies what has come each time that more comes, and reads 20 MB at once
    in 40 ms, but in 10 ms by the megabyte.
    """
    if most <= PIECE:
        return _piece(body, most)
    pieces, left = [], most
    while left and (piece := _piece(body, min(PIECE, left))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _piece(body: "InputStream", most: int) -> bytes:
    try:
        return body.read(most)
    except Exception as error:  # each server has exceptions of its own for it
        raise Refused(400, "length_mismatch", "the body broke off, or its chunks are not well-formed") from error


def _length(declared: str, limit: int) -> int:
    if not (declared.isascii() and declared.isdecimal()):
        raise Refused(400, "length_mismatch", "Content-Length is not a number")
    if len(declared) > LONGEST_NUMBER or int(declared) > limit:
        raise _too_large(limit)
    return int(declared)


def too_many(rows: int) -> Refused:
    """Return the refusal of more rows than `rows`, whatever they are called in the body."""
    fault = too_many_rows(rows)
    return Refused(422, fault.code, f"the body {fault.detail}", [Place("the body", fault.detail)])


def _refuse_too_many_rows(raw: bytes, rows: int, beside: int) -> None:
    """Refuse a body of more lists and objects than there may be rows, before each of them becomes one in memory.

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
    """Return how often [ and {, which differ in one bit, are there.

    `bytes.count` takes four times as long; two searches that find nothing, a tenth.
    """
    first = [raw.find(bracket) for bracket in b"[{"]
    if all(raw.find(bracket, at + 1) < 0 for bracket, at in zip(b"[{", first, strict=True)):
        return sum(at >= 0 for at in first)
    return int(np.count_nonzero(np.frombuffer(raw, np.uint8) | ONE_BIT == OPEN_BRACE))


def _too_large(limit: int) -> Refused:
    return Refused(413, "body_too_large", f"the body may have {limit} bytes")


def _too_deep() -> Refused:
    return Refused(400, "too_deep", "lists and objects are nested too deeply")


def _not_json(raw: bytes, error: orjson.JSONDecodeError) -> Refused:
    if not raw.strip():
        return Refused(400, "empty_body", 'the body is empty; send {"X": …}')
    code = next((code for start, code in CODES.items() if error.msg.startswith(start)), "bad_json")
    why = "lists or objects are not closed" if error.msg == NEVER_CLOSED else error.msg.partition(":")[0]
    return Refused(400, code, f"not JSON: {why}, at character {error.pos}")


def _with_infinities(raw: bytes) -> Any:
    """Return what the body says, with 1e999 as infinity: whoever knows what the number is for can say where it is."""
    try:
        return json.loads(raw, parse_int=_whole, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise Refused(400, "bad_json", "not JSON") from error


def _whole(digits: str) -> float:
    """Return a whole number as the fast parser does, text of 5,000 digits included, which is an error in `int`."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else float(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Refused(400, "duplicate_key", "an object has the same key twice")
    return members
