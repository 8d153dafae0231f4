"""Kept view: a view that all visitors share is made once a second in each worker, because predictions need its time."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")

KEPT_SECONDS = 1.0


class KeptView(Generic[V]):
    """Return the same view for a second.

    Parameters
    ----------
    make : callable
        Returns a view that has nothing of the request.
    monotonic : callable
        Returns seconds.
    """

    def __init__(self, make: Callable[[], V], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._make, self._monotonic = make, monotonic
        self._kept: tuple[float, V] | None = None

    def __call__(self) -> V:
        """Return the view; a failure is not kept."""
        now, kept = self._monotonic(), self._kept
        if kept is None or now - kept[0] >= KEPT_SECONDS:
            kept = self._kept = now, self._make()
        return kept[1]
