"""How much one request may ask for."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Bounds that hold before the cost they bound has been paid."""

    body: int
    """Bytes of a body."""
    rows: int
    """Rows of a batch."""
    seconds: float
    """From the first look at the body until it is all here: a client that needs longer has given up, or never will."""
