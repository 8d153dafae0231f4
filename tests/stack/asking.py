"""Requests through the load balancer."""

import contextlib
import http.client
from collections.abc import Iterator

import orjson

from tests.stack.engine import Stack
from tests.support.program import ask

ROW = {"X": 0.2}
Answers = list[tuple[int, dict[str, str], bytes]]


@contextlib.contextmanager
def connected(stack: Stack) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=20)
    try:
        yield connection
    finally:
        connection.close()


def send(
    stack: Stack, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send one request on a connection of its own."""
    with connected(stack) as connection:
        return ask(connection, method, path, body, **headers)


def answers(stack: Stack, times: int = 20) -> Answers:
    """Ask for a prediction so often that both replicas have answered."""
    return [send(stack, "POST", "/stream", ROW) for _ in range(times)]


def served(stack: Stack, times: int = 20) -> set[tuple[str, str]]:
    """Return the versions and sources that answer now; every request must be answered."""
    responses = answers(stack, times)
    assert {status for status, _, _ in responses} == {200}
    return {(headers["x-model-version"], headers["x-model-source"]) for _, headers, _ in responses}


def problem(body: bytes) -> tuple[int, str]:
    """Return the status and the code of a problem, which must have every member."""
    members = orjson.loads(body)
    assert members.keys() == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert members["type"] == f"urn:endeavour:problem:{members['code']}"
    return members["status"], members["code"]
