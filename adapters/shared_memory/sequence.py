"""Sequence: a number with which readers of shared memory find out that it was being written."""

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


class Sequence:
    """The number is odd while the one writer changes the memory; no reader can hold the writer up.

    Parameters
    ----------
    number : ndarray of shape (1,)
        In the memory itself.
    """

    def __init__(self, number: npt.NDArray[np.uint64]) -> None:
        self._number = number

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let readers wait inside the context."""
        self._number += 1
        try:
            yield
        finally:
            self._number += 1

    def consistent(self, copy: Callable[[], T]) -> T:
        """Return what `copy` returns, made between two writes.

        Raises
        ------
        FiguresUnavailable
            If the writer was stopped in the middle of a change.
        """
        for _ in range(ATTEMPTS):
            before = int(self._number[0])
            if before % 2 == 0:
                copied = copy()
                if int(self._number[0]) == before:
                    return copied
            time.sleep(PAUSE_SECONDS)
        raise FiguresUnavailable("the memory of this host", "its writer has stopped in the middle of a change")
