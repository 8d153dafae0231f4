"""Block reader: reads the rows once for each pass, and counts passes, rows, losses and seconds."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import Block, FloatArray
from domain.data.rows import LearnableRows
from domain.data.sums import Prepared, S, Work
from domain.learning.fit import OnProgress, Progress

# Bytes of a block, at most: it stays in a cache of the processor, and Python's work for each block stays small.
MAX_BLOCK_BYTES, NUMBER_BYTES = 5 * 512 * 1024, 8
# Blocks have a multiple of these rows, so that each begins at the same place of a cache line as the table does.
MULTIPLE = 64
MIN_BLOCKS = 32
PROGRESS_INTERVAL_S = 0.1


def block_rows(rows: int, columns: int) -> int:
    """Return the rows of a block: as many as the cache holds, and at least four a column.

    A small table is read in several blocks, so that the descent has steps to average.
    """
    wanted = max(4 * columns, min(MAX_BLOCK_BYTES // (NUMBER_BYTES * columns), -(-rows // MIN_BLOCKS)))
    return min(rows, max(1, wanted // MULTIPLE) * MULTIPLE)


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """Prepares blocks: float64 less an `origin`, shape (d + 1,), of the target last; None subtracts nothing."""

    origin: FloatArray | None

    def __call__(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Yield the blocks, which are copies unless they are float64 and stay as they are."""
        return map(self._shifted, blocks)

    def _shifted(self, block: Block) -> Block:
        features, target = (values.astype(np.float64, copy=False) for values in block)
        if self.origin is None:
            return Block(features, target)
        return Block(features - self.origin[:-1], target - self.origin[-1])


class BlockReader:
    """Reads the rows in blocks for one fit.

    Parameters
    ----------
    rows : LearnableRows
    batch_size : int or None
        Rows of a step; None takes those of a block.
    on_progress : callable, optional
        Called ten times a second and after each pass.

    Attributes
    ----------
    origin : ndarray of shape (d + 1,) or None
        Subtracted from the features and, last, the target of every block, at the price of a copy.
    """

    def __init__(self, rows: LearnableRows, batch_size: int | None, on_progress: OnProgress | None = None) -> None:
        self.rows = rows
        self.block_size = block_rows(rows.chain_rows, len(rows.feature_names))
        self.batch_size = min(batch_size or self.block_size, len(rows))
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
        """Add the time that the `with` block takes to that of phase `name`."""
        began = time.perf_counter()
        self._phase = name
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def reduce(self, work: Work[S]) -> S:
        """Return the sums of every row, read in the table's order in blocks that suit the processor: a pass."""
        return self._pass(work, self.block_size, None)

    def reduce_shuffled(self, work: Work[S], seed: int) -> S:
        """Return the sums of every row, read in shuffled batches, one for each step: a pass."""
        return self._pass(work, self.batch_size, seed)

    def batches(self, order: "np.random.Generator") -> Iterator[Block]:
        """Yield every row once, in shuffled batches, for steps that follow each other: a pass."""
        for block in Shift(self.origin)(self.rows.blocks(self.batch_size, order)):
            yield block
            self._count(len(block.target))
        self.passes += 1

    def _pass(self, work: Work[S], size: int, seed: int | None) -> S:
        sums = self.rows.reduce(Prepared(work, Shift(self.origin)), size, seed, self._count)
        self.passes += 1
        return sums

    def _count(self, rows: int) -> None:
        self.rows_seen += rows
        if self._on_progress and time.perf_counter() > self._next_call:
            self.report_progress()

    def finish_pass(self, loss: float, relative_excess_loss: float | None = None) -> None:
        """Record the mean squared error of a complete pass, and its certificate if there is one."""
        self.losses.append(loss)
        if relative_excess_loss is not None:
            self.relative_excess_loss.append(relative_excess_loss)
        self.report_progress()

    def report_progress(self) -> None:
        """Call `on_progress`, if there is one."""
        if self._on_progress:
            self._next_call = time.perf_counter() + PROGRESS_INTERVAL_S
            loss = self.losses[-1] if self.losses else None
            excess = self.relative_excess_loss[-1] if self.relative_excess_loss else None
            self._on_progress(Progress(self._phase, self.passes, self.rows_seen, loss, excess))
