"""Column bins: the parts into which the values of a column, or predictions, are counted, as plain data."""

from abc import abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray

Places = npt.NDArray[np.intp]

# Levels with a bin of their own, at most.
MAX_LEVELS = 64
# Each decile is an edge; of two deciles that are one value, the second is behind it.
MAX_NUMBER_BINS = 11
DECILES = np.arange(1, 10) / 10


class ColumnBins(Protocol):
    """Bins of a column; the last one is of empty cells."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of the bins."""

    @abstractmethod
    def places(self, values: FloatArray) -> Places:
        """Return the bin of each of the values, both of shape (n,)."""


@dataclass(frozen=True, slots=True)
class NumberBins(ColumnBins):
    """Ranges of numbers, or of moments in seconds since 1970; each edge belongs to the range above it.

    Parameters
    ----------
    edges : tuple of float
        Rising. A frequent value is an edge with the next larger float behind it, and so has a bin of its own.

    Examples
    --------
    >>> NumberBins((0.0, 2.5)).places(np.array([-1.0, 0.0, 9.0, np.nan])).tolist()
    [0, 1, 2, 3]
    """

    edges: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.edges or any(not low < high for low, high in pairwise(self.edges)):
            raise ValueError("the edges of bins do not rise")

    @classmethod
    def fit(cls, values: FloatArray) -> "NumberBins":
        """Return bins between the deciles of the values, shape (n,); others than finite ones are left out."""
        present = values[np.isfinite(values)]
        if not len(present):
            return cls((0.0,))
        deciles, counts = np.unique(np.quantile(present, DECILES, method="higher"), return_counts=True)
        behind = np.nextafter(deciles[counts > 1], np.inf)
        return cls(tuple(np.unique([*deciles, *behind]).tolist()))

    @property
    def size(self) -> int:
        """A range more than edges, and empty cells."""
        return len(self.edges) + 2

    def places(self, values: FloatArray) -> Places:
        """Return the ranges."""
        ranges = np.searchsorted(self.edges, values, side="right")
        return np.where(np.isnan(values), self.size - 1, ranges)


@dataclass(frozen=True, slots=True)
class LevelBins(ColumnBins):
    """Levels of a category, or false and true, then other known levels, then texts that the training rows lack.

    Parameters
    ----------
    levels : tuple of int
        Places of the levels with a bin of their own, rising.
    known : int
        Number of the column's levels; a larger place is a text that the training rows lack.

    Examples
    --------
    >>> LevelBins((0, 2), 3).places(np.array([2.0, 1.0, 3.0, np.nan])).tolist()
    [1, 2, 3, 4]
    """

    levels: tuple[int, ...]
    known: int

    def __post_init__(self) -> None:
        if len(self.levels) > MAX_LEVELS or any(
            not low < high for low, high in pairwise((-1, *self.levels, self.known))
        ):
            raise ValueError("the levels of bins do not rise, or are too many")

    @classmethod
    def fit(cls, values: FloatArray, known: int, most: int) -> "LevelBins":
        """Return bins of the `most` most frequent of the values, shape (n,); NaN and unknown places are left out."""
        codes = values[values < known].astype(np.intp)
        counts = np.bincount(codes, minlength=known)
        frequent = np.argsort(-counts, kind="stable")[: min(most, MAX_LEVELS)]
        return cls(tuple(sorted(frequent.tolist())), known)

    @property
    def size(self) -> int:
        """A bin for each level, and three more."""
        return len(self.levels) + 3

    def places(self, values: FloatArray) -> Places:
        """Return the bins of levels."""
        own = len(self.levels)
        table = np.full(self.known + 2, own, np.intp)
        table[list(self.levels)] = np.arange(own)
        table[self.known :] = own + 1, own + 2
        codes = np.where(np.isnan(values), self.known + 1, np.minimum(values, self.known))
        return table[codes.astype(np.intp)]


Bins = NumberBins | LevelBins
"""Bins of any column."""
