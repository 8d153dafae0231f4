"""Tables in pieces: every round sums each piece where it is read, and adds the sums in a fixed tree."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import add
from typing import Protocol

import numpy as np

from domain.data.arrays import Block
from domain.data.columns import Column
from domain.data.rows import LearnableRows, RowRule, Rows
from domain.data.sums import DrawnRows, OnRows, Preparation, Prepared, S, Sums, Work

# Sums that one addition takes; an addition of more would wait for the last of them.
FAN_IN = 8
# Rows that show whether the target is constant, before all are read.
GLIMPSE_ROWS = 1024
# Targets that are read at once.
TARGET_ROWS = 65_536


class Job(Protocol):
    """Reads rows of one piece for a work; it travels by pickle, and the same work gives the same sums again."""

    rows: int
    """Rows that the job reads."""

    @abstractmethod
    def __call__(self, work: Work[S]) -> S:
        """Return the sums that `work` makes of the rows; raise what reading them raises."""


class Rounds(Protocol):
    """Runs rounds of jobs, here or on other machines."""

    @abstractmethod
    def run(self, work: Work[S], jobs: Sequence[Job], on_rows: OnRows | None = None) -> S:
        """Return `added_in_tree` of `job(work)` of each of the jobs, of which there is at least one.

        `on_rows` is called with `job.rows` when a job has ended, and may raise to end the round.
        """


def added(several: Sequence[S]) -> S:
    """Return the sum of several sums, in their order: a node of the tree, of `FAN_IN` sums at most."""
    return reduce(add, several)


def added_in_tree(sums: Sequence[S]) -> S:
    """Return the sum of all sums, in their order, added `FAN_IN` at a time: the tree depends on their number alone."""
    while len(sums) > 1:
        sums = [added(sums[start : start + FAN_IN]) for start in range(0, len(sums), FAN_IN)]
    return sums[0]


@dataclass(frozen=True, slots=True, eq=False)
class ReadJob(Job):
    """Reads all rows of a piece, in blocks of about `size` rows, in the order of `seed` or in the table's."""

    piece: LearnableRows
    size: int
    seed: int | None
    rows: int

    def __call__(self, work: Work[S]) -> S:
        """Return the sums of the piece."""
        return self.piece.reduce(work, self.size, self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class DrawJob(Job):
    """Reads a sample of about `rows` rows of a piece."""

    piece: LearnableRows
    rows: int
    seed: int

    def __call__(self, work: Work[S]) -> S:
        """Return the sums of the sample."""
        return self.piece.drawn(self.rows, self.seed).reduce(work)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPieces(DrawnRows):
    """A sample that every round draws again from the pieces."""

    rounds: Rounds
    jobs: Sequence[DrawJob]
    preparation: Preparation | None = None

    def reduce(self, work: Work[S]) -> S:
        """Return the sums of the sample."""
        return self.rounds.run(Prepared(work, self.preparation) if self.preparation else work, self.jobs)

    def prepared(self, preparation: Preparation) -> "DrawnPieces":
        """Return the sample with blocks that `preparation` turns."""
        first = self.preparation
        return replace(self, preparation=InTurn(first, preparation) if first else preparation)


@dataclass(frozen=True, slots=True, eq=False)
class InTurn:
    """Prepares blocks by one preparation and then by another."""

    first: Preparation
    second: Preparation

    def __call__(self, blocks: Iterable[Block]) -> Iterable[Block]:
        """Return the blocks as the second preparation turns those of the first."""
        return self.second(self.first(blocks))


@dataclass(frozen=True, slots=True)
class TargetRange(Sums):
    """Least and largest target of some rows."""

    low: float
    high: float

    def __add__(self, other: "TargetRange") -> "TargetRange":
        return TargetRange(min(self.low, other.low), max(self.high, other.high))


@dataclass(frozen=True, slots=True)
class RangeOfTarget(Work[TargetRange]):
    """Work: the range of the target."""

    def __call__(self, blocks: Iterable[Block]) -> TargetRange:
        """Return the range; it is empty for no rows."""
        ranges = (TargetRange(float(target.min()), float(target.max())) for _, target in blocks if len(target))
        return reduce(add, ranges, TargetRange(np.inf, -np.inf))


@dataclass(frozen=True, eq=False)
class PiecewiseRows(Rows):
    """Rows of a table that rounds read piece by piece; the process of the fit sees sums of them.

    `sample`, `blocks` and `fingerprint` are those of `whole`, which this process reads.

    Parameters
    ----------
    whole : Rows
        The table, whose `pieces` are read.
    rounds : Rounds
    """

    whole: Rows
    rounds: Rounds

    @property
    def columns(self) -> tuple[Column, ...]:  # type: ignore[override]  # of the whole table, which does not change
        """The features."""
        return self.whole.columns

    @property
    def target_name(self) -> str:  # type: ignore[override]  # as above
        """The name of the target."""
        return self.whole.target_name

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the whole table."""
        return self.whole.fingerprint

    def __len__(self) -> int:
        return len(self.whole)

    def select(self, names: Sequence[str]) -> "PiecewiseRows":
        """Return the rows with the features `names` only, in that order; raise `InvalidData` for an unknown name."""
        return replace(self, whole=self.whole.select(names))

    def parts(self, rule: RowRule) -> tuple[Rows, Rows]:
        """Return the rows that `rule` leaves and those that it chooses, in the same pieces as the table."""
        left, chosen = self.whole.parts(rule)
        return replace(self, whole=left), replace(self, whole=chosen)

    def sample(self, count: int, seed: int) -> Block:
        """Return rows of the whole table, which this process reads."""
        return self.whole.sample(count, seed)

    def blocks(self, size: int, order: "np.random.Generator | None" = None) -> Iterator[Block]:
        """Yield every row of the whole table, which this process reads."""
        return self.whole.blocks(size, order)

    @cached_property
    def chain_rows(self) -> int:
        """The median rows of the pieces that have rows."""
        return int(np.median([rows for rows in self._lengths if rows] or [0]))

    def reduce(self, work: Work[S], size: int, seed: int | None = None, on_rows: OnRows | None = None) -> S:
        """Return the sums of every row, in a round."""
        jobs = [
            ReadJob(piece, size, None if seed is None else self._seed(seed, number), rows)
            for number, (piece, rows) in enumerate(zip(self._pieces, self._lengths, strict=True))
        ]
        return self.rounds.run(work, [job for job in jobs if job.rows] or jobs[:1], on_rows)

    def drawn(self, count: int, seed: int) -> DrawnRows:
        """Return a sample to which each piece adds its share of `count` rows; all rows if there are no more."""
        ends = np.cumsum(self._lengths, dtype=np.int64) * min(count, len(self)) // max(1, len(self))
        shares = np.diff(ends, prepend=0).tolist()
        jobs = [
            DrawJob(piece, share, self._seed(seed, number))
            for number, (piece, share) in enumerate(zip(self._pieces, shares, strict=True))
        ]
        return DrawnPieces(self.rounds, [job for job in jobs if job.rows] or jobs[:1])

    def constant_target(self) -> float | None:
        """Return the target's value if it is the same in all rows, else None; a sample usually shows another value."""
        if not len(self):
            return None
        targets = self.select(())
        some = targets.drawn(GLIMPSE_ROWS, seed=0).reduce(RangeOfTarget())
        if some.low < some.high:
            return None
        every = targets.reduce(RangeOfTarget(), TARGET_ROWS)
        return every.low if every.low == every.high else None

    @cached_property
    def _pieces(self) -> tuple[Rows, ...]:
        return self.whole.pieces()

    @cached_property
    def _lengths(self) -> list[int]:
        return [len(piece) for piece in self._pieces]

    def _seed(self, seed: int, number: int) -> int:
        """Return the seed of the piece with this number; a table in one piece is read as any other table is."""
        if len(self._pieces) == 1:
            return seed
        return int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0] >> np.uint64(1))
