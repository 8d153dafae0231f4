"""Row selection: the rows of a table that are read, for each run of row groups."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Self

import numpy as np
import numpy.typing as npt

from domain.data.arrays import Mask
from domain.data.rows import RowRule

Counts = npt.NDArray[np.int64]


class RowSelection:
    """The rows that are read of each run of row groups.

    Parameters
    ----------
    counts : ndarray of shape (n_runs,)
        Rows that are read of each run.
    mask : callable
        `mask(run)` is true for the rows of the run with this number that are read, and None if all are.
    """

    def __init__(self, counts: Counts, mask: Callable[[int], Mask | None] = lambda _: None) -> None:
        self.counts, self.mask = counts, mask
        self.starts = np.cumsum(counts) - counts
        self.total = int(counts.sum())

    def parts(self, rule: RowRule) -> tuple[Self, Self]:
        """Return the rows that a rule leaves and those that it chooses; it numbers the rows from 0 without gaps."""
        left, chosen = (partial(self._mask_of, rule, value) for value in (False, True))
        counts = np.array([np.count_nonzero(chosen(run)) for run in range(len(self.counts))], dtype=np.int64)
        return type(self)(self.counts - counts, left), type(self)(counts, chosen)

    def digest(self) -> str:
        """Return a hash of the row numbers that are read, '' if all are."""
        digest, all_rows = hashlib.sha256(), True
        for run in range(len(self.counts)):
            mask = self.mask(run)
            if mask is not None:
                digest.update(np.packbits(mask).tobytes())
                all_rows = False
        return "" if all_rows else digest.hexdigest()

    def _mask_of(self, rule: RowRule, chosen: bool, run: int) -> Mask:
        answers: Mask = rule(int(self.starts[run]), int(self.counts[run]), self.total) == chosen
        outer = self.mask(run)
        if outer is None:
            return answers
        mask = outer.copy()
        mask[outer] = answers
        return mask
