"""Traffic, facts and changes for tests."""

import math
from datetime import timedelta
from typing import Any

from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.monitoring.change import Change, What
from domain.monitoring.facts import Facts
from domain.monitoring.traffic import LATENCY_BUCKETS, Traffic
from tests.support.examples import NOON, a_version

NOW = NOON.timestamp()


def traffic(answered: int = 1, *, bucket: int = 3, **counts: float) -> Traffic:
    """Return the counts of requests with latencies in one bucket."""
    latencies = tuple(answered * (place == bucket) for place in range(LATENCY_BUCKETS))
    return Traffic(answered=answered, latencies=latencies, **counts)


def served(version: str = "7", origin: ModelOrigin = ModelOrigin.REGISTRY) -> ServedModels:
    return ServedModels(ServedModel(a_version(version), origin))


def facts(**changes: Any) -> Facts:
    """Return the facts of a host that has run for an hour and answers."""
    started = {"at": NOON, "started_at": NOON - timedelta(hours=1), "host": "web-1"}
    return Facts(**started | {"models": served(), "recent": traffic(1000), "was_asked": True} | changes)


def a_change(minutes: float = 0, what: What = What.SERVER_STARTED, **members: Any) -> Change:
    """Return a change some minutes after noon."""
    return Change(at=NOON + timedelta(minutes=minutes), what=what, **members)


NEVER = -math.inf
