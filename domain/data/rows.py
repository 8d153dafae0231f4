"""Rows: the protocol of tables to learn from, in memory or in files that are larger than memory."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from domain.data.arrays import Block, Mask
from domain.data.columns import Column
from domain.data.sums import DrawnBlock, DrawnRows, OnRows, S, Work


class RowRule(Protocol):
    """Chooses rows of a table by their numbers alone."""

    @abstractmethod
    def __call__(self, first: int, count: int, total: int) -> Mask:
        """Return (count,) answers for the rows `first`, `first` + 1, … of the `total` rows; rows count from 0."""


class LearnableRows(Protocol):
    """Rows with named features and a target, which can be read as often as needed.

    Every number of a block is finite and no larger than 1e150 in magnitude, or NaN for an empty cell of a nullable
    column; `InvalidCell` is raised for the first other one when it is read, or earlier.
    """

    columns: tuple[Column, ...]
    """The features, in the order of the blocks' columns."""
    target_name: str

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the features, in the order of the blocks' columns."""
        return tuple(column.name for column in self.columns)

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def sample(self, count: int, seed: int) -> Block:
        """Return about `count` rows in the table's order, or all rows if there are no more.

        Each part of the table has its share of the sample. The same seed gives the same rows.
        """

    @abstractmethod
    def blocks(self, size: int, order: "np.random.Generator | None" = None) -> Iterator[Block]:
        """Yield every row once, in blocks of about `size` rows, in the table's order or in one that `order` draws."""

    @property
    def chain_rows(self) -> int:
        """Rows that one work reads: all, or in a table in pieces those of a usual piece."""
        return len(self)

    def reduce(self, work: Work[S], size: int, seed: int | None = None, on_rows: OnRows | None = None) -> S:
        """Return the sums that `work` makes of every row, read once in blocks of about `size` rows.

        Rows in several pieces are summed where they are, each piece from the start of `work`, and the sums are added
        in the table's order. The result depends on the pieces, and not on the machines that read them.

        Parameters
        ----------
        work : Work
        size : int
        seed : int, optional
            Of the order of the blocks; None reads them in the table's order.
        on_rows : callable, optional
            What it raises ends the reading.
        """
        return work(_counted(self.blocks(size, None if seed is None else np.random.default_rng(seed)), on_rows))

    def drawn(self, count: int, seed: int) -> DrawnRows:
        """Return the rows of `sample` for sums; rows in several pieces stay where they are, and others may be drawn."""
        return DrawnBlock(self.sample(count, seed))


def _counted(blocks: Iterator[Block], on_rows: OnRows | None) -> Iterator[Block]:
    for block in blocks:
        yield block
        if on_rows:
            on_rows(len(block.target))


class Rows(LearnableRows, Protocol):
    """Rows of a table, whose parts and columns can be chosen."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """64 hexadecimal digits that are equal for equal rows at equal places."""

    @abstractmethod
    def select(self, names: Sequence[str]) -> "Rows":
        """Return the rows with the features `names` only, in that order; raise `InvalidData` for an unknown name."""

    @abstractmethod
    def parts(self, rule: RowRule) -> "tuple[Rows, Rows]":
        """Return the rows that `rule` leaves and those that it chooses, in the table's order."""

    @abstractmethod
    def constant_target(self) -> float | None:
        """Return the target's value if it is the same in all rows, else None."""

    def pieces(self) -> "tuple[Rows, ...]":
        """Return the rows in pieces that travel by pickle and can be read elsewhere; by default, they are one piece.

        The table alone decides where it is cut, so that the rows of its parts are cut at the same places.
        """
        return (self,)
