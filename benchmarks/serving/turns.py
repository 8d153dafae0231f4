"""Turns: servers answer the same client one after another, round by round, while the others are idle."""

from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from benchmarks.serving.server import Server, load

CONNECTIONS, FEW_CONNECTIONS = 16, 4
WARM_UP_SECONDS = 0.3


class Medians(NamedTuple):
    """Medians over the turns of a server: answers a second, and seconds of a core for an answer."""

    rate: float
    cost: float


def take_turns(
    asked: Mapping[str, tuple[Server, bytes]], seconds: float, rounds: int, connections: int = CONNECTIONS
) -> dict[str, Medians]:
    """Let each server answer its request for `seconds` a round, after a warm-up; return its medians by name."""
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, (server, request) in asked.items():
            before = server.cpu_seconds()
            rate, answers = load(server.port, request, connections, WARM_UP_SECONDS, seconds)
            turns[name].append((rate, (server.cpu_seconds() - before) / answers))
    return {name: Medians(*map(median, zip(*each, strict=True))) for name, each in turns.items()}
