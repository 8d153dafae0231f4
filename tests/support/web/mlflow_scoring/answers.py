"""Summary of a response, for comparison: status, numbers, and the flaws of the body."""

import http.client
import json
import math
from typing import Any

import numpy as np

from tests.support.web.mlflow_scoring.replayed import SENT, TEXT_SENT, Case

Summary = dict[str, Any]
"""Of a response: `status`, `error_code`, `predictions` (or `text`), and the names of its `flaws`."""

FLAWS = {
    "stack trace": "a stack trace",
    "echo": "rows or text of the request",
    "not JSON": "`NaN`, `Infinity` or plain text where JSON was asked for",
    "no error": "no `error_code` and `message`, though it is an error",
}
ROUNDING = 1e-12


def ask(port: int, case: Case) -> Summary:
    """Send the request with exactly the headers of the case, and return the summary of the response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(case.method, case.path, skip_accept_encoding=True)
        for name, value in {**case.headers, "Content-Length": str(len(case.body))}.items():
            connection.putheader(name, value)
        connection.endheaders(case.body)
        response = connection.getresponse()
        return summarize(case, response.status, response.read())
    finally:
        connection.close()


def summarize(case: Case, status: int, body: bytes) -> Summary:
    answer: Summary = {"status": status}
    if case.path == "/version" and status == 200:
        return {**answer, "text": body.decode()}
    loose = _parsed(body, None)
    if isinstance(loose, dict) and "predictions" in loose:
        answer["predictions"] = [value if math.isfinite(value) else str(value) for value in loose["predictions"]]
    if isinstance(loose, dict) and "error_code" in loose:
        answer["error_code"] = loose["error_code"]
    if case.path.partition("?")[0] == "/invocations" and case.method == "POST":
        answer["flaws"] = _flaws(status, body)
    return answer


def same(one: Summary, other: Summary) -> bool:
    """Return whether two responses are equal in status, numbers and text."""
    if any(one.get(key) != other.get(key) for key in ("status", "text")):
        return False
    # An answer without predictions has another shape than one with an empty list of them.
    some, others = (np.array(answer.get("predictions", [[]]), float) for answer in (one, other))
    return some.shape == others.shape and np.allclose(some, others, rtol=ROUNDING, atol=0, equal_nan=True)


def _flaws(status: int, body: bytes) -> list[str]:
    strict = _parsed(body, _refuse)
    is_error = status >= 400
    found = {
        "stack trace": b"Traceback (most recent call last)" in body or b"stack_trace" in body,
        "echo": is_error and (str(SENT).encode() in body or TEXT_SENT.encode() in body),
        "not JSON": not isinstance(strict, dict),
        "no error": is_error and not (isinstance(strict, dict) and {"error_code", "message"} <= strict.keys()),
    }
    return [flaw for flaw, is_there in found.items() if is_there]


def _parsed(body: bytes, constant: Any) -> object:
    try:
        return json.loads(body, parse_constant=constant)
    except ValueError:
        return None


def _refuse(constant: str) -> None:
    raise ValueError(constant)
