"""Requests through the load balancer."""

from tests.stack.engine import Stack
from tests.support.program import requested

ROW = {"X": 0.2}
Answer = tuple[int, dict[str, str], bytes]


def answers(stack: Stack, times: int = 20) -> list[Answer]:
    """Return the answers to so many requests that both replicas have answered."""
    return [requested(stack.port, "POST", "/stream", ROW) for _ in range(times)]


def served(stack: Stack, times: int = 20) -> set[tuple[str, str]]:
    """Return the versions and sources that answer; each request must be answered."""
    responses = answers(stack, times)
    assert {status for status, _, _ in responses} == {200}
    return {(headers["x-model-version"], headers["x-model-source"]) for _, headers, _ in responses}
