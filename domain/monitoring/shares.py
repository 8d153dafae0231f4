"""Shares of a column: the parts of its rows whose shares are compared with those of the training rows."""

from dataclasses import dataclass
from functools import lru_cache
from math import inf, nextafter

import numpy as np
import numpy.typing as npt

from domain.data.number_text import number_text
from domain.data.quoting import quoted
from domain.features.cells import to_cell
from domain.features.encoding import AnyColumn
from domain.features.moments import to_iso_text
from domain.model.column_bins import Bins, LevelBins, NumberBins
from domain.model.distributions import Counts

Masks = npt.NDArray[np.int64]

# Characters of a level in a text, at most.
MAX_LEVEL_CHARACTERS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Sets of bins: for each share, the bins that count as it, and those that it is a share of, shape (n, size).

    The first share is that of empty cells among all rows. The others are shares of the rows with a value: each bin
    and, of numbers, all bins from each edge on.
    """

    parts: Masks
    wholes: Masks

    def count(self, counts: Counts) -> tuple[Counts, Counts]:
        """Return the rows of each share, and the rows that it is a share of, both of shape (n, …).

        `counts` has the shape (size, …).
        """
        return self.parts @ counts, self.wholes @ counts


def shares_of(bins: Bins) -> Shares:
    """Return the shares of a column with these bins."""
    return _shares(bins.size, isinstance(bins, NumberBins))


@lru_cache(maxsize=256)
def _shares(size: int, are_numbers: bool) -> Shares:
    filled = np.arange(size) < size - 1
    parts = [~filled, *np.eye(size, dtype=bool)[:-1]]
    if are_numbers:
        # The first and the last bin are shares already.
        parts += [(np.arange(size) > edge) & filled for edge in range(1, size - 3)]
    wholes = [np.full(size, True), *[filled] * (len(parts) - 1)]
    return Shares(np.array(parts, dtype=np.int64), np.array(wholes, dtype=np.int64))


def share_name(bins: Bins, column: AnyColumn | None, share: int) -> str:
    """Return what the rows of a share have, as in 'more …'; without a column, the values are predictions."""
    if share == 0:
        return "empty cells" if column else "rows without a prediction"
    values = "values" if column else "predictions"
    if isinstance(bins, LevelBins):
        return _level_name(bins, column, share - 1)
    if share <= bins.size - 1:
        return f"{values} {_range(bins, column, share - 1, share)}"
    return f"{values} {_range(bins, column, share - bins.size + 2, bins.size - 1)}"


def _level_name(bins: LevelBins, column: AnyColumn | None, place: int) -> str:
    if place < len(bins.levels) and column is not None:
        cell = to_cell(column, float(bins.levels[place]))
        if isinstance(cell, bool):
            return f"cells that are {'true' if cell else 'false'}"
        text = str(cell)
        return quoted(text if len(text) <= MAX_LEVEL_CHARACTERS else f"{text[: MAX_LEVEL_CHARACTERS - 1]}…")
    return "other known texts" if place == len(bins.levels) else "texts that the training rows lack"


def _range(bins: NumberBins, column: AnyColumn | None, first: int, end: int) -> str:
    """Return the range of the bins from `first` on, up to `end`."""
    edges = bins.edges
    write = to_iso_text if column and column.kind == "datetime" else number_text
    low = None if first == 0 else edges[first - 1]
    high = None if end > len(edges) else edges[end - 1]
    if low is not None and high == nextafter(low, inf):
        return f"equal to {write(low)}"
    is_behind = first > 1 and low == nextafter(edges[first - 2], inf)
    words = [f"above {write(edges[first - 2])}"] if is_behind else [] if low is None else [f"from {write(low)} on"]
    if high is not None:
        words.append(f"below {write(high)}")
    return " and ".join(words)
