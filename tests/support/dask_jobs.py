"""Jobs and works on numbers that count up, for tests of rounds on a cluster."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from domain.errors import InvalidParameter

Block = np.ndarray


@dataclass(frozen=True)
class Sums:
    """A sum whose bits depend on the order of additions, and the number of what was added."""

    total: float
    count: int

    def __add__(self, other: Self) -> "Sums":
        return Sums(self.total + other.total, self.count + other.count)


@dataclass(frozen=True)
class SumOf:
    """Adds up square roots, each block after a pause of so many seconds."""

    pause: float = 0.0
    ballast: bytes = b""

    def __call__(self, blocks: Iterable[Block]) -> Sums:
        total = Sums(0.0, 0)
        for block in blocks:
            time.sleep(self.pause)
            total += Sums(float(np.sqrt(block).sum()), len(block))
        return total + Sums(float(sum(self.ballast)), 0)


@dataclass(frozen=True)
class Die:
    """Ends the worker, as a lack of memory does."""

    def __call__(self, blocks: Iterable[Block]) -> Sums:
        os._exit(1)


@dataclass(frozen=True)
class Fail:
    """Raises an error of the domain in the block that begins with a number."""

    first: int

    def __call__(self, blocks: Iterable[Block]) -> Sums:
        for block in blocks:
            if block[0] == self.first:
                raise InvalidParameter("first", self.first, "another number")
        return Sums(0.0, 0)


@dataclass(frozen=True)
class NumbersFrom:
    """Job: reads the numbers `first`, `first` + 1, … in blocks of five."""

    first: int
    rows: int = 10

    def __call__(self, work: Callable[[Iterable[Block]], Any]) -> Any:
        """Return what `work` makes of the numbers."""
        numbers = np.arange(self.first, self.first + self.rows, dtype=np.float64)
        return work(numbers[start : start + 5] for start in range(0, self.rows, 5))
