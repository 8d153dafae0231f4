"""Traffic: counts of the prediction requests that one version answered, and of its labels, in one period."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

# Upper bounds of the latency buckets; one more bucket has the requests above them.
LATENCY_BOUNDS_SECONDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025),
    *(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
LATENCY_BUCKETS = len(LATENCY_BOUNDS_SECONDS) + 1
# Of fewer requests, a quantile depends on single ones.
MIN_REQUESTS_OF_QUANTILE = 100


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts of requests and of labels; they add up over periods, workers and versions.

    Parameters
    ----------
    answered : int
        Requests with a response of any status.
    failed : int
        Those with a status of 500 or above.
    refused : int
        Those with a status from 400 to 499.
    overloaded : int
        Failed ones for which the server had no room.
    rows : int
        Predicted rows.
    seconds : float
        Sum of the times until the response was ready.
    labels : int
        Labels that arrived, for predictions of any time.
    squared_errors, absolute_errors : float
        Sums of their errors.
    latencies : tuple of int
        Requests by latency bucket, `LATENCY_BUCKETS` of them.

    Raises
    ------
    ValueError
        If there are more or fewer latency buckets, or a number is negative.

    Examples
    --------
    >>> minute = Traffic(answered=2, rows=3, seconds=0.5, latencies=(2,) + (0,) * 16)
    >>> (minute + minute).answered
    4
    """

    answered: int = 0
    failed: int = 0
    refused: int = 0
    overloaded: int = 0
    rows: int = 0
    seconds: float = 0.0
    labels: int = 0
    squared_errors: float = 0.0
    absolute_errors: float = 0.0
    latencies: tuple[int, ...] = (0,) * LATENCY_BUCKETS

    def __post_init__(self) -> None:
        if len(self.latencies) != LATENCY_BUCKETS:
            raise ValueError(f"traffic has {LATENCY_BUCKETS} latency buckets, not {len(self.latencies)}")
        if min(*(getattr(self, name) for name in COUNTS), *self.latencies) < 0:
            raise ValueError("a count of traffic is negative")

    def __add__(self, other: Self) -> Self:
        latencies = tuple(map(int.__add__, self.latencies, other.latencies))
        sums = {name: getattr(self, name) + getattr(other, name) for name in COUNTS}
        return type(self)(**sums, latencies=latencies)

    def since(self, before: Self) -> Self:
        """Return what was counted after `before`; a number that has fallen counts as none."""
        counts = {name: max(getattr(self, name) - getattr(before, name), 0) for name in COUNTS}
        latencies = zip(self.latencies, before.latencies, strict=True)
        return type(self)(**counts, latencies=tuple(max(now - then, 0) for now, then in latencies))

    @property
    def mae(self) -> float | None:
        """Mean absolute error of the labels in target units, None without any."""
        return self.absolute_errors / self.labels if self.labels else None

    def quantile(self, share: float) -> float | None:
        """Return the seconds within which this share of the requests was answered, interpolated in its bucket.

        None stands for too few requests, `MIN_REQUESTS_OF_QUANTILE`. Of the last bucket, the lower bound is returned.

        Examples
        --------
        >>> Traffic(answered=200, latencies=(200,) + (0,) * 16).quantile(0.5)
        5e-05
        """
        return latency_quantile(self.latencies, share)


def latency_quantile(latencies: Sequence[float], share: float) -> float | None:
    """Return `Traffic.quantile` of these latency buckets."""
    total = sum(latencies)
    if total < MIN_REQUESTS_OF_QUANTILE:
        return None
    rank, below, lower = share * total, 0.0, 0.0
    for count, upper in zip(latencies, LATENCY_BOUNDS_SECONDS, strict=False):
        if count and below + count >= rank:
            return lower + (upper - lower) * (rank - below) / count
        below, lower = below + count, upper
    return lower


COUNTS = tuple(field.name for field in fields(Traffic) if field.name != "latencies")
"""Names of the numbers besides the latency buckets."""
