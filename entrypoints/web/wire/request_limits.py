"""Request limits: bounds of one request, and of the requests that a worker processes at once."""

from typing import NamedTuple

MAX_ROWS = 200_000
MAX_CONCURRENT_REQUESTS = 8


class RequestLimits(NamedTuple):
    """Bytes per request body and rows per batch, at most."""

    body_bytes: int
    rows: int = MAX_ROWS
