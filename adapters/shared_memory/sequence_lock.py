"""Sequence lock: lets the readers of shared memory see a change of its one writing process whole or not at all."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from domain.monitoring.errors import FiguresUnavailable

T = TypeVar("T")
# The writer needs some microseconds, ten times a second.
ATTEMPTS, PAUSE_SECONDS = 50, 0.001


class SequenceLock:
    """A number in shared memory, which is odd while the writer writes.

    Parameters
    ----------
    sequence : ndarray of shape (1,)
    what : str
        Name of the memory's content, for the error.
    """

    def __init__(self, sequence: npt.NDArray[np.uint64], what: str) -> None:
        self._sequence, self._what = sequence, what
        self._writers = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let readers, and other threads that write, wait inside the context."""
        with self._writers:
            self._sequence += 1
            try:
                yield
            finally:
                self._sequence += 1

    def consistent(self, copy: Callable[[], T]) -> T:
        """Return a copy that no write has changed meanwhile, or raise `FiguresUnavailable`."""
        for _ in range(ATTEMPTS):
            before = int(self._sequence[0])
            if before % 2 == 0:
                copied = copy()
                if int(self._sequence[0]) == before:
                    return copied
            time.sleep(PAUSE_SECONDS)
        raise FiguresUnavailable(self._what, "its writer has stopped in the middle of a change")
