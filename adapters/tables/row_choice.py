"""Which rows of a table are read, stretch by stretch."""

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from domain.rows import Mask, RowRule

Counts = npt.NDArray[np.int64]


class RowChoice(ABC):
    """The rows that are read of each stretch of a table; a stretch is a run of rows that are decoded together."""

    counts: Counts
    """Of the chosen rows, by stretch."""

    @abstractmethod
    def mask(self, stretch: int) -> Mask | None:
        """Return which rows of the stretch are chosen, None if all are."""

    @abstractmethod
    def digest(self) -> str:
        """Return a hash of the row numbers that are chosen."""

    @cached_property
    def starts(self) -> Counts:
        """How many chosen rows come before each stretch."""
        return np.cumsum(self.counts) - self.counts

    @cached_property
    def total(self) -> int:
        """The number of chosen rows."""
        return int(self.counts.sum())


class EveryRow(RowChoice):
    """All rows."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts

    def mask(self, stretch: int) -> None:
        """Return None."""

    def digest(self) -> str:
        """Return nothing: there is no choice to tell apart."""
        return ""


@dataclass(frozen=True, eq=False)
class ChosenRows(RowChoice):
    """The rows `within` another choice that a rule chooses, or those that it does not.

    The rule numbers the rows of that other choice, as if they were a table of their own.
    """

    within: RowChoice
    rule: RowRule
    chosen: bool

    @cached_property
    def counts(self) -> Counts:  # type: ignore[override]  # counted when it is first asked for
        """Of the chosen rows, by stretch: every row number is asked for once."""
        masks = (self.mask(stretch) for stretch in range(len(self.within.counts)))
        return np.array([np.count_nonzero(mask) for mask in masks], dtype=np.int64)

    def mask(self, stretch: int) -> Mask:
        """Return which rows of the stretch are chosen."""
        first, count = int(self.within.starts[stretch]), int(self.within.counts[stretch])
        answers: Mask = self.rule(first, count, self.within.total) == self.chosen
        outer = self.within.mask(stretch)
        if outer is None:
            return answers
        mask = outer.copy()
        mask[outer] = answers
        return mask

    def digest(self) -> str:
        """Return a hash of the row numbers that are chosen."""
        digest = hashlib.sha256()
        for stretch in range(len(self.within.counts)):
            digest.update(np.packbits(self.mask(stretch)).tobytes())
        return digest.hexdigest()
