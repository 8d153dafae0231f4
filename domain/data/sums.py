"""Sums over rows: what a work makes of blocks where the rows are, and adds up in the order of the table."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from domain.data.arrays import Block


class Sums(Protocol):
    """Numbers of some rows that add up to those of more rows; they travel by pickle."""

    @abstractmethod
    def __add__(self, other: Self, /) -> Self:
        """Return the sums of both sets of rows, those of `other` after these in the table."""


S = TypeVar("S", bound=Sums)
S_co = TypeVar("S_co", bound=Sums, covariant=True)


class Work(Protocol[S_co]):
    """Makes sums of rows; a frozen dataclass of plain values at the level of a module, because it travels by pickle."""

    @abstractmethod
    def __call__(self, blocks: Iterable[Block], /) -> S_co:
        """Return the sums of the blocks' rows, which may be none."""


Preparation = Callable[[Iterable[Block]], Iterable[Block]]
"""Turns blocks as the table has them into those that a work takes; it travels as a work does."""
OnRows = Callable[[int], None]
"""Called with the number of rows that have been read since the last call."""


@dataclass(frozen=True, slots=True)
class Prepared(Work[S]):
    """Work on blocks that are prepared first."""

    work: Work[S]
    preparation: Preparation

    def __call__(self, blocks: Iterable[Block]) -> S:
        """Return the sums of the prepared blocks."""
        return self.work(self.preparation(blocks))


class DrawnRows(Protocol):
    """A sample of rows, which stay where they are."""

    @abstractmethod
    def reduce(self, work: Work[S]) -> S:
        """Return the sums that `work` makes of the sample, one block of each piece."""

    @abstractmethod
    def prepared(self, preparation: Preparation) -> "DrawnRows":
        """Return the sample as `preparation` turns each of its blocks into one."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnBlock(DrawnRows):
    """A sample in memory."""

    block: Block

    def reduce(self, work: Work[S]) -> S:
        """Return the sums that `work` makes of the block."""
        return work([self.block])

    def prepared(self, preparation: Preparation) -> "DrawnBlock":
        """Return the prepared block."""
        (block,) = preparation([self.block])
        return DrawnBlock(block)
