"""JSON bodies: the value of a body's JSON, parsed within bounds of rows and depth."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from entrypoints.web.wire.body import JSON_TYPE, content_type, read_body, reject_encodings, unsupported_media_type
from entrypoints.web.wire.number_list import NumberPlaces
from entrypoints.web.wire.problems import ErrorLocation, ProblemError
from entrypoints.web.wire.request_limits import RequestLimits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# The outer object and the list of rows.
MAX_OTHER_CONTAINERS = 2
OPEN_BRACE, ONE_BIT, QUOTE = ord("{"), ord("{") ^ ord("["), ord('"')

# The beginnings of orjson's messages, and the problem for each; `bad_json` for every other.
PARSE_ERRORS: Mapping[str, tuple[int, str, str]] = {
    "depth limit exceeded": (400, "too_deep", "lists and objects are nested too deeply"),
    "str is not valid UTF-8": (400, "invalid_encoding", "not UTF-8"),
    "UTF-8 byte order mark": (400, "invalid_encoding", "the body begins with a byte order mark"),
    "number is infinity": (422, "not_finite", "a number is beyond a 64-bit float"),
    # orjson finds more opening brackets than the rest of the body could close.
    "failed to allocate memory": (400, "bad_json", "not JSON: lists or objects are not closed"),
}


def read_json_body(
    environ: "WSGIEnvironment",
    limits: RequestLimits,
    max_other_containers: int = MAX_OTHER_CONTAINERS,
    places: NumberPlaces | None = None,
) -> Any:
    """Return the value of a request's body, or raise `ProblemError`; the parameters are those of `parse_json`."""
    kind = content_type(environ)
    if kind != JSON_TYPE and kind.partition(";")[0].strip().lower() != JSON_TYPE:
        raise unsupported_media_type()
    reject_encodings(environ)
    raw = read_body(environ, limits.body_bytes)
    return parse_json(raw, limits.rows, max_other_containers, places)


def parse_json(
    raw: bytes, max_rows: int, max_other_containers: int = MAX_OTHER_CONTAINERS, places: NumberPlaces | None = None
) -> Any:
    """Return the value of the JSON in `raw`, or raise `ProblemError`.

    `max_other_containers` bounds the lists and objects that are not rows. A long list at one of `places` may be a
    `NumberList`.
    """
    if places and (value := _with_number_list(raw, places, max_rows, max_other_containers)):
        return value
    _reject_too_many_rows(raw, max_rows, max_other_containers)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _invalid_json(raw, error) from error


def _with_number_list(raw: bytes, places: NumberPlaces, max_rows: int, max_other_containers: int) -> Any:
    """Return the value with a number list, None if there is none, or there is an error elsewhere."""
    taken = places.take(raw, max_rows)
    if taken is None:
        return None
    try:
        value = parse_json(taken.rest, max_rows - taken.lists, max_other_containers)
    except ProblemError:
        return None
    return value if taken.is_put_into(value) else None


def too_many_rows(max_rows: int) -> ProblemError:
    """Return the problem of a body with more than `max_rows` rows."""
    detail = too_many_rows_detail(max_rows)
    return ProblemError(422, "too_many_rows", f"the body {detail}", [ErrorLocation("the body", detail)])


def too_many_rows_detail(max_rows: int) -> str:
    """Return the detail of `too_many_rows`."""
    return f"may have {max_rows} rows; send the others in another request"


def _reject_too_many_rows(raw: bytes, max_rows: int, max_other_containers: int) -> None:
    """Raise `ProblemError` if there are more lists and objects than allowed, before the parser makes each of them.

    Four megabytes of `[],` would be 200 MB. Strings are left out only if the brackets in them could decide.
    """
    most = max_rows + max_other_containers
    if len(raw) > most and _count_brackets(raw) > most and _count_brackets(_without_strings(raw)) > most:
        raise too_many_rows(max_rows)


def _without_strings(raw: bytes) -> bytes:
    """Return `raw` without the text of its strings; what follows the first error as JSON has no meaning.

    Without escapes, each quote begins or ends a string. A backslash outside of strings is invalid JSON.
    """
    left = np.frombuffer(raw.replace(b"\\\\", b"").replace(b'\\"', b""), np.uint8)
    return left[~np.bitwise_xor.accumulate(left == QUOTE)].tobytes()


def _count_brackets(raw: bytes) -> int:
    """Return the number of [ and {, which differ in one bit.

    Two searches that find no third bracket cost a fifth of counting.
    """
    first = [raw.find(bracket) for bracket in b"[{"]
    if all(raw.find(bracket, at + 1) < 0 for bracket, at in zip(b"[{", first, strict=True)):
        return sum(at >= 0 for at in first)
    return int(np.count_nonzero(np.frombuffer(raw, np.uint8) | ONE_BIT == OPEN_BRACE))


def _invalid_json(raw: bytes, error: orjson.JSONDecodeError) -> ProblemError:
    if not raw.strip():
        return ProblemError(400, "empty_body", "the body is empty; send JSON")
    other = (400, "bad_json", f"not JSON: {error.msg.partition(':')[0]}")
    known = (problem for beginning, problem in PARSE_ERRORS.items() if error.msg.startswith(beginning))
    status, code, detail = next(known, other)
    return ProblemError(status, code, f"{detail}, at character {error.pos}")
