"""Watchdog: ends a round in which nothing happens, instead of waiting for ever."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from distributed import Client

from adapters.dask.failures import LOST
from adapters.dask.inquiry import Workers, connected_workers
from adapters.dask.preflight import check_workers
from domain.errors import ClusterUnavailable

# Between two looks at the workers.
LOOK_SECONDS = 2.0
# Without a worker, or without one that works, before a round is given up.
PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Watchdog:
    """Watches the workers while a round waits."""

    client: Client
    place: str
    patience: float = PATIENCE_SECONDS
    monotonic: Callable[[], float] = time.monotonic
    _alive_at: float = field(init=False)
    _looked_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._alive_at = self._looked_at = self.monotonic()

    def note_progress(self) -> None:
        """Begin to wait anew, because a part is done."""
        self._alive_at = self.monotonic()

    def look(self) -> None:
        """Raise `ClusterUnavailable` if nothing has happened for too long; ask the scheduler every 2 s only."""
        now = self.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        trouble = self._trouble()
        self._looked_at = self.monotonic()
        if not trouble:
            self._alive_at = now
        elif now - self._alive_at >= self.patience:
            self._give_up(trouble)

    def _trouble(self) -> str:
        """Return why no part can be finished at this moment; '' if a worker is at work."""
        try:
            return _idleness(connected_workers(self.client))
        except OSError:
            return "the scheduler does not answer"

    def _give_up(self, trouble: str) -> None:
        """Raise `ClusterUnavailable`, for the fault of a worker if the preflight finds one now."""
        try:
            check_workers(self.client, self.place)
        except OSError:
            raise ClusterUnavailable(self.place, LOST) from None
        raise ClusterUnavailable(self.place, f"{trouble} for {self.patience:.0f} s")


def _idleness(workers: Workers) -> str:
    if not workers:
        return "there was no worker"
    if all(worker["status"] == "paused" for worker in workers.values()):
        return "all workers were paused, because their memory is full,"
    if not any(worker["metrics"].get("executing") for worker in workers.values()):
        return "no worker began its parts"
    return ""
