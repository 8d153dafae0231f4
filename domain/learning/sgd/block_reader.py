"""Reading the rows, once for each pass, with an account of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from domain.data.arrays import Block, FloatArray
from domain.data.rows import Rows
from domain.learning.sgd.report import OnProgress, Progress

# Rows of a step: as many as fit here, so that the second use of a block finds it in a cache of the processor, while
# what Python does for each block stays small beside it. In multiples of 64, so that blocks begin where the table does
# in a line of the cache.
BLOCK_BYTES, MULTIPLE = 5 * 512 * 1024, 64
MIN_BLOCKS = 32
# Seconds between two calls of `on_progress`.
PROGRESS_SECONDS = 0.1


def block_rows(rows: int, columns: int, itemsize: int = 8) -> int:
    """Return how many rows make a block: as many as the cache holds, and at least four a column.

    A small table is read in several blocks all the same: an average needs something to average.
    """
    wanted = max(4 * columns, min(BLOCK_BYTES // (itemsize * columns), -(-rows // MIN_BLOCKS)))
    return min(rows, max(1, wanted // MULTIPLE) * MULTIPLE)


class BlockReader:
    """Reads the rows in blocks, and counts passes, rows, losses and seconds.

    Parameters
    ----------
    rows : Rows
    size : int
        Rows a block.
    on_progress : callable, optional
        Called ten times a second and after each pass.

    Attributes
    ----------
    origin : ndarray of shape (d + 1,) or None
        Subtracted from the features and, last, the target of every block, at the price of a copy.
    """

    def __init__(self, rows: Rows, size: int, on_progress: OnProgress | None = None) -> None:
        self.rows = rows
        self.size = size
        self.origin: FloatArray | None = None
        self.passes = 0
        self.rows_seen = 0
        self.losses: list[float] = []
        self.seconds: dict[str, float] = {}
        self.relative_excess_loss: list[float] = []
        self._on_progress = on_progress
        self._phase = ""
        self._next_call = 0.0

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time until the end of the block as that of phase `name`."""
        began = time.perf_counter()
        self._phase = name
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def blocks(self, order: np.random.Generator | None = None) -> Iterator[Block]:
        """Yield every block once, which makes a pass."""
        for block in self.rows.blocks(self.size, order):
            yield self._prepared(block)
            self.rows_seen += len(block.target)
            if self._on_progress and time.perf_counter() > self._next_call:
                self.report_progress()
        self.passes += 1

    def finish_pass(self, loss: float, relative_excess_loss: float | None = None) -> None:
        """Record the mean squared error of the pass that has ended, and the certificate, if it made one."""
        self.losses.append(loss)
        if relative_excess_loss is not None:
            self.relative_excess_loss.append(relative_excess_loss)
        self.report_progress()

    def report_progress(self) -> None:
        """Call `on_progress`, if there is one."""
        if self._on_progress:
            self._next_call = time.perf_counter() + PROGRESS_SECONDS
            loss = self.losses[-1] if self.losses else None
            excess = self.relative_excess_loss[-1] if self.relative_excess_loss else None
            self._on_progress(Progress(self._phase, self.passes, self.rows_seen, loss, excess))

    def _prepared(self, block: Block) -> Block:
        features, target = (values.astype(np.float64, copy=False) for values in block)
        if self.origin is None:
            return Block(features, target)
        return Block(features - self.origin[:-1], target - self.origin[-1])
