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
    told = answers(stack, times)
    assert {status for status, _, _ in told} == {200}
    return {(headers["x-model-version"], headers["x-model-source"]) for _, headers, _ in told}


def problem(body: bytes) -> tuple[int, str]:
    """Return status and code that a refusal names, having seen that it is a whole one."""
    said = orjson.loads(body)
    assert said.keys() == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert said["type"] == f"urn:endeavour:problem:{said['code']}"
    return said["status"], said["code"]
