"""What is counted of a request."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from entrypoints.metrics.ledger import Ledger, Series
from entrypoints.web.facts import Facts

# Upper bounds in seconds: one row takes a tenth of a millisecond, a large batch a second.
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def tally(requests: Iterable[Facts]) -> dict[Series, float]:
    """Return what `requests` add to each series."""
    amounts: defaultdict[Series, float] = defaultdict(float)
    for facts in requests:
        route, seconds = facts.route, facts.seconds
        amounts["requests", route, facts.status] += 1
        amounts["durations", route, str(bisect_left(BOUNDS, seconds))] += 1
        amounts["seconds", route] += seconds
        if facts.rows is not None:
            amounts["rows", route] += facts.rows
        if facts.code is not None:
            amounts["refused", facts.code] += 1
    return amounts


def count_outcome(ledger: Ledger, outcome: str) -> None:
    """Count what came of a question to the registry."""
    ledger.add({("mirror", outcome): 1})
