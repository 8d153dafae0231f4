"""Distributions: counts by bin of a sample of the training rows, for each column and for the predictions.

Rows of later tables and requests are counted into the same bins, so that counts of workers and hosts add up.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.data.rows import Rows
from domain.features.bound_encoding import BoundEncoding
from domain.features.category_column import CategoryColumn
from domain.features.encoding import AnyColumn
from domain.model.column_bins import MAX_LEVELS, MAX_NUMBER_BINS, Bins, LevelBins, NumberBins
from domain.model.linear_model import LinearModel

Counts = npt.NDArray[np.int64]

# Columns with a distribution, and bins of all columns together, at most: a record of 100 KB.
MAX_COLUMNS, MAX_BINS = 512, 8_192
# With those of the predictions.
MAX_SIZE = MAX_BINS + MAX_NUMBER_BINS
# Rows of the sample, and its cells, at most.
MAX_ROWS, MAX_CELLS = 16_384, 16_000_000
# One row of so many decides where bins are, and the others are counted: the counts of the same rows would fit too well.
ROWS_OF_AN_EDGE_ROW = 8


@dataclass(frozen=True, slots=True)
class Distribution:
    """Bins of a column or of predictions, and how many of the sampled training rows are in each."""

    bins: Bins
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.counts) != self.bins.size or any(count < 0 for count in self.counts):
            raise ValueError("the counts of a distribution do not fit its bins")

    @classmethod
    def of(cls, bins: Bins, values: FloatArray) -> "Distribution":
        """Return the distribution of the values, shape (n,)."""
        return cls(bins, tuple(np.bincount(bins.places(values), minlength=bins.size).tolist()))

    def count(self, values: FloatArray) -> Counts:
        """Return how many of the values, shape (n,), are in each bin."""
        return np.bincount(self.bins.places(values), minlength=self.bins.size)


@dataclass(frozen=True, slots=True)
class Distributions:
    """Distributions of the training rows.

    Parameters
    ----------
    rows : int
        Sampled training rows that are counted, at least 1.
    columns : tuple of Distribution
        Of the first columns of the encoding, 512 at most.
    predictions : Distribution
        Of the model for the same rows, in target units.

    Raises
    ------
    ValueError
        If there are too many columns or bins, or counts that do not add up to the rows.
    """

    rows: int
    columns: tuple[Distribution, ...]
    predictions: Distribution

    def __post_init__(self) -> None:
        every = self.every
        if not 0 < len(self.columns) <= MAX_COLUMNS or sum(each.bins.size for each in self.columns) > MAX_BINS:
            raise ValueError("distributions of no column, or of too many columns or bins")
        if self.rows < 1 or any(sum(each.counts) != self.rows for each in every):
            raise ValueError("the counts of a distribution are not those of its rows")

    @classmethod
    def measure(cls, model: LinearModel, rows: Rows, seed: int) -> "Distributions | None":
        """Return the distributions of a sample of the training rows; None if there is one row only.

        The same seed gives the same sample as the choice of terms.
        """
        count = min(MAX_ROWS, MAX_CELLS // len(rows.columns))
        features, _ = rows.sample(count, seed)
        values = BoundEncoding(model.encoding, rows.columns).values(features)
        return cls.of(model, values.astype(np.float64, copy=False), seed)

    @classmethod
    def of(cls, model: LinearModel, values: FloatArray, seed: int) -> "Distributions | None":
        """Return the distributions of values of the encoding's columns, shape (n_rows, n_columns)."""
        order = np.random.default_rng(seed).permutation(len(values))
        edges = max(1, len(values) // ROWS_OF_AN_EDGE_ROW)
        if len(values) <= edges:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            predictions = model.predict(values)
        levels = min(MAX_LEVELS, MAX_BINS // min(len(values[0]), MAX_COLUMNS) - 3)
        columns = (
            _distribution(column, values[order, place], edges, levels)
            for place, column in enumerate(model.encoding.columns[:MAX_COLUMNS])
        )
        of_predictions = _of_numbers(predictions[order], edges)
        return cls(len(values) - edges, tuple(columns), of_predictions)

    @property
    def every(self) -> tuple[Distribution, ...]:
        """The distributions of the columns, and that of the predictions last."""
        return (*self.columns, self.predictions)

    @property
    def size(self) -> int:
        """Number of all bins, those of the predictions last."""
        return sum(each.bins.size for each in self.every)

    def count(self, values: FloatArray, predictions: FloatArray) -> Counts:
        """Return counts by bin, shape (size,), of values, shape (n, n_columns), and their predictions, shape (n,)."""
        columns = [values[:, place] for place in range(len(self.columns))]
        return np.concatenate(
            [each.count(found) for each, found in zip(self.every, [*columns, predictions], strict=True)]
        )

    def split(self, counts: Counts) -> list[Counts]:
        """Return counts, shape (size,), by distribution, in the order of `every`."""
        return np.split(counts, np.cumsum([each.bins.size for each in self.every])[:-1])


def _distribution(column: AnyColumn, values: FloatArray, edges: int, levels: int) -> Distribution:
    """Return the distribution of all values but the first `edges`, which decide what the bins are."""
    if isinstance(column, CategoryColumn):
        return _of_levels(LevelBins.fit(values[:edges], known_levels(column), levels), values[edges:])
    if column.kind == "boolean":
        return Distribution.of(LevelBins((0, 1), known_levels(column)), values[edges:])
    return _of_numbers(values, edges)


def known_levels(column: AnyColumn) -> int:
    """Return the number of values of a category or a boolean in the training rows."""
    return len(column.column.levels) if isinstance(column, CategoryColumn) else 2


def _of_numbers(values: FloatArray, edges: int) -> Distribution:
    return Distribution.of(NumberBins.fit(values[:edges]), values[edges:])


def _of_levels(bins: LevelBins, values: FloatArray) -> Distribution:
    """Return the distribution of a category, whose known levels are those of the same rows.

    A row whose level occurs once counts as one with a text that the others lack, because the next row has such a text
    with about that probability.

    References
    ----------
    Good (1953), "The population frequencies of species and the estimation of population parameters".
    """
    known = values[values < bins.known].astype(np.intp)
    once = np.isin(values, np.flatnonzero(np.bincount(known, minlength=bins.known) == 1))
    return Distribution.of(bins, np.where(once, float(bins.known), values))
