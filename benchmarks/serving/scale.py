"""How much is measured: all of it, or so little that a test can wait for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes and repetitions.

    Parameters
    ----------
    runs : int
        Turns of each server, and of each yardstick.
    seconds, warm_up : float
        That a turn counts, and that it lasts before it counts.
    connections : int
        Kept open by the client, each with one request under way.
    rows : int
        Of a batch beside other servers.
    json_rows : int
        Of the large batches.
    starts : int
        Of a worker.
    """

    runs: int
    seconds: float
    warm_up: float
    connections: int
    rows: int
    json_rows: int
    starts: int


FULL = Scale(5, 3.0, 0.5, 16, 1_000, 100_000, 5)
QUICK = Scale(1, 0.3, 0.1, 4, 100, 2_000, 1)
