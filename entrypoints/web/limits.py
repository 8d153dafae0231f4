"""Bounds of one request, which hold before the cost that they bound has been paid."""

from typing import NamedTuple

MAX_ROWS = 200_000


class Limits(NamedTuple):
    """Bytes of a body and rows of a batch, at most."""

    body: int
    rows: int
