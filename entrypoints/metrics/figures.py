"""Figures: what the workers of a host count, summed in the process that started them."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from domain.mirror_report import RegistryWord

# A name, then the values of its labels.
Series = tuple[str, ...]
Amounts = Mapping[Series, float]
# Requests in flight; version and source of the model, if there is one.
State = Mapping[str, Any]

# Upper bounds in seconds: one row takes a tenth of a millisecond, a large batch a second.
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Bounded labels give some 800; series beyond this number are not counted.
MAX_SERIES = 4096
# Workers report ten times a second; one that was silent for so long has ended.
MAX_SILENT_SECONDS = 2.0


class Figures:
    """Sums of all workers and the last state of each.

    Attributes
    ----------
    registry : callable
        Returns how the registry was found last, None where there is no registry.
    """

    def __init__(self) -> None:
        self.registry: Callable[[], RegistryWord | None] = lambda: None
        self._sums: defaultdict[Series, float] = defaultdict(float)
        self._states: dict[int, tuple[float, State]] = {}
        self._lock = threading.Lock()

    def add(self, amounts: Amounts, state: State | None = None, worker: int = 0) -> None:
        """Add to each series its amount, and replace the state of the process with the id `worker`."""
        with self._lock:
            for series, amount in amounts.items():
                if series in self._sums or len(self._sums) < MAX_SERIES:
                    self._sums[series] += amount
            if state is not None:
                self._states[worker] = time.monotonic(), state

    def read(self) -> tuple[dict[Series, float], list[State]]:
        """Return the sum of every series, and the state of each worker that lives."""
        earliest = time.monotonic() - MAX_SILENT_SECONDS
        with self._lock:
            self._states = {worker: last for worker, last in self._states.items() if last[0] > earliest}
            return dict(self._sums), [state for _, state in self._states.values()]

    def scrape(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics in the format that the header Accept asks for, and their media type."""
        # Workers do without the library.
        from entrypoints.metrics.exposition import exposition

        return exposition(*self.read(), self.registry(), accept)
