"""Ended tasks: the tasks of a run on the cluster in the order in which they end."""

from collections.abc import Iterable
from functools import partial
from queue import Empty, SimpleQueue

from distributed import Future

from adapters.dask.watchdog import Watchdog

# The main thread waits this long at a time, so that a signal or an error ends a run.
STEP_SECONDS = 0.1


class EndedTasks:
    """Waits for tasks to end, while a watchdog watches the workers; it does not refer to the tasks.

    Parameters
    ----------
    watchdog : Watchdog
    """

    def __init__(self, watchdog: Watchdog) -> None:
        self._keys, self._watchdog = SimpleQueue[str](), watchdog

    def watch(self, futures: Iterable[Future]) -> None:
        """Wait for these tasks, too."""
        for future in futures:
            future.add_done_callback(partial(_note, self._keys))

    def next(self) -> str | None:
        """Return the key of a task that has ended; None if none does within 0.1 s."""
        try:
            key = self._keys.get(timeout=STEP_SECONDS)
        except Empty:
            self._watchdog.look()
            return None
        self._watchdog.note_progress()
        return key


def _note(keys: SimpleQueue[str], future: Future) -> None:
    keys.put(future.key)
