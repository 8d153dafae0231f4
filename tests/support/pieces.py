"""Tables in pieces without a cluster: rounds in this process, over pieces that have traveled by pickle."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from domain.data.dataset import Dataset
from domain.data.pieces import Job, PiecewiseRows, Rounds, added_in_tree
from domain.data.rows import RowRule, Rows
from domain.data.sums import OnRows, S, Work


def traveled(value):
    """Return what arrives of a value that travels to another process."""
    return pickle.loads(pickle.dumps(value, protocol=5))  # noqa: S301  # bytes of this process


def _size(value):
    return len(pickle.dumps(value, protocol=5))


@dataclass
class RoundsHere(Rounds):
    """Runs jobs one after another, and keeps the size of the largest message of each round."""

    sizes: list[int] = field(default_factory=list)

    def run(self, work: Work[S], jobs: Sequence[Job], on_rows: OnRows | None = None) -> S:
        sums = []
        self.sizes.append(_size(work))
        for job in jobs:
            sums.append(traveled(traveled(job)(traveled(work))))
            self.sizes[-1] = max(self.sizes[-1], _size(sums[-1]))
            if on_rows:
                on_rows(job.rows)
        return added_in_tree(sums)


@dataclass(frozen=True, eq=False)
class CutTable(Rows):
    """A table in memory, cut before the rows `cuts`; equal cuts make empty pieces."""

    table: Rows
    tables: tuple[Rows, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", self.table.columns)
        object.__setattr__(self, "target_name", self.table.target_name)

    def __len__(self):
        return len(self.table)

    @property
    def fingerprint(self):
        return self.table.fingerprint

    def select(self, names):
        return CutTable(self.table.select(names), tuple(piece.select(names) for piece in self.tables))

    def parts(self, rule: RowRule):
        total, starts = len(self), [0]
        for piece in self.tables:
            starts.append(starts[-1] + len(piece))

        def within(start):
            return lambda first, count, _: rule(start + first, count, total)

        halves = [piece.parts(within(start)) for piece, start in zip(self.tables, starts, strict=False)]
        whole = self.table.parts(rule)
        return tuple(CutTable(whole[side], tuple(half[side] for half in halves)) for side in (0, 1))

    def constant_target(self):
        return self.table.constant_target()

    def sample(self, count, seed):
        return self.table.sample(count, seed)

    def blocks(self, size, order=None):
        return self.table.blocks(size, order)

    def pieces(self):
        return self.tables


def in_pieces(table: Dataset, cuts: Sequence[int], rounds: Rounds | None = None) -> PiecewiseRows:
    """Return the table in the pieces between `cuts`, row numbers that rise."""
    edges = [0, *cuts, len(table)]
    tables = tuple(table.rows(slice(*edge)) for edge in pairwise(edges))
    return PiecewiseRows(CutTable(table, tables), rounds or RoundsHere())
