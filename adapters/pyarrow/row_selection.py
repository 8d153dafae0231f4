"""Row selection: the rows of a table that are read, for each run of row groups."""

import hashlib
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from domain.data.arrays import Mask
from domain.data.rows import RowRule

Counts = npt.NDArray[np.int64]


class RunMasks(Protocol):
    """The rows that are read of each run."""

    @abstractmethod
    def __call__(self, run: int, rows: int | None = None) -> Mask | None:
        """Return which of the first `rows` rows of the run are read, by default of all rows; None if all are."""

    @abstractmethod
    def piece(self, first: int, end: int) -> "RunMasks":
        """Return the masks of the runs from `first` to before `end`."""


@dataclass(frozen=True, slots=True)
class EveryRow(RunMasks):
    """All rows of all runs."""

    def __call__(self, run: int, rows: int | None = None) -> None:
        """Return None."""
        del run, rows

    def piece(self, first: int, end: int) -> "EveryRow":
        """Return the same."""
        del first, end
        return self


@dataclass(frozen=True, slots=True, eq=False)
class StoredMasks(RunMasks):
    """Masks in memory, as a packed array of bits and a number of rows for each run."""

    packed: Sequence[npt.NDArray[np.uint8]]
    rows: Sequence[int]

    def __call__(self, run: int, rows: int | None = None) -> Mask | None:
        """Return the mask of the rows, None if it is true for all of them."""
        mask = np.unpackbits(self.packed[run], count=self.rows[run] if rows is None else rows).astype(np.bool_)
        return None if mask.all() else mask

    def piece(self, first: int, end: int) -> "StoredMasks":
        """Return the masks of these runs."""
        return StoredMasks(self.packed[first:end], self.rows[first:end])


@dataclass(frozen=True, eq=False)
class RowSelection:
    """The rows that are read of each run of row groups.

    Parameters
    ----------
    counts : ndarray of shape (n_runs,)
        Rows that are read of each run.
    masks : RunMasks
    before : int
        Rows that are read of the table's runs before these.
    of : int, optional
        Rows that are read of all runs of the table; None if these are all.
    """

    counts: Counts
    masks: RunMasks = EveryRow()
    before: int = 0
    of: int | None = None

    @property
    def total(self) -> int:
        """The number of rows that are read."""
        return int(self.counts.sum())

    @cached_property
    def starts(self) -> Counts:
        """Rows that are read before each run."""
        return np.asarray(np.cumsum(self.counts) - self.counts)

    def mask(self, run: int, rows: int | None = None) -> Mask | None:
        """Return which of the first `rows` rows of the run are read, by default of all rows; None if all are."""
        return self.masks(run, rows)

    def answers(self, rule: RowRule, run: int, count: int | None = None) -> Mask:
        """Return the answers of a rule for the first `count` rows, by default all, that are read of a run.

        The rule numbers the rows that are read of the table from 0.
        """
        total = self.total if self.of is None else self.of
        return rule(self.before + int(self.starts[run]), int(self.counts[run]) if count is None else count, total)

    def parts(self, rule: RowRule) -> "tuple[RowSelection, RowSelection]":
        """Return the rows that a rule leaves and those that it chooses, of a whole table."""
        runs = range(len(self.counts))
        counts = np.array([np.count_nonzero(self.answers(rule, run)) for run in runs], dtype=np.int64)
        left, chosen = (RuleMasks(self, rule, value) for value in (False, True))
        return RowSelection(self.counts - counts, left), RowSelection(counts, chosen)

    def piece(self, first: int, end: int) -> "RowSelection":
        """Return the rows that are read of the runs from `first` to before `end`, numbered as in the table."""
        total = self.total if self.of is None else self.of
        before = self.before + int(self.counts[:first].sum())
        return RowSelection(self.counts[first:end], self.masks.piece(first, end), before, total)

    def digest(self) -> str:
        """Return a hash of the row numbers that are read, '' if all are."""
        digest, all_rows = hashlib.sha256(), True
        for run in range(len(self.counts)):
            mask = self.mask(run)
            if mask is not None:
                digest.update(np.packbits(mask).tobytes())
                all_rows = False
        return "" if all_rows else digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class RuleMasks(RunMasks):
    """The rows of a selection for which a rule answers `value`."""

    selection: RowSelection
    rule: RowRule
    value: bool

    def __call__(self, run: int, rows: int | None = None) -> Mask:
        """Return the mask of the rows."""
        outer = self.selection.mask(run, rows)
        count = rows if outer is None else int(np.count_nonzero(outer))
        answers: Mask = self.selection.answers(self.rule, run, count) == self.value
        if outer is None:
            return answers
        mask = outer.copy()
        mask[outer] = answers
        return mask

    def piece(self, first: int, end: int) -> "RuleMasks":
        """Return the masks of these runs."""
        return RuleMasks(self.selection.piece(first, end), self.rule, self.value)
