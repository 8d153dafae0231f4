"""Table counts: the rows of a later table by the bins of the training rows, with cells that are unusable."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray, Mask
from domain.model.distributions import Counts, Distributions
from domain.model.linear_model import LinearModel
from domain.model.usable_values import unusable_values


@dataclass(frozen=True, slots=True, eq=False)
class TableCounts:
    """Counts of rows, which add up over the parts of a table.

    Parameters
    ----------
    rows : int
    counts : ndarray of shape (size,)
        By bin of `Distributions`; an unusable cell is counted as an empty one.
    unusable : mapping of str to int
        Cells of another kind than their column, infinite ones, and those that are too large, by column, without zeros.
    """

    rows: int
    counts: Counts
    unusable: Mapping[str, int]

    def __add__(self, other: "TableCounts") -> "TableCounts":
        unusable = Counter(self.unusable) + Counter(other.unusable)
        return TableCounts(self.rows + other.rows, self.counts + other.counts, dict(unusable))

    @classmethod
    def none(cls, distributions: Distributions) -> "TableCounts":
        """Return the counts of no row."""
        return cls(0, np.zeros(distributions.size, dtype=np.int64), {})


def count_rows_by_bin(
    model: LinearModel, distributions: Distributions, values: FloatArray, misfits: Mask
) -> TableCounts:
    """Return the counts of some rows; a row without a prediction is counted as an empty prediction.

    Parameters
    ----------
    model : LinearModel
    distributions : Distributions
        Of the same model.
    values : ndarray of shape (n_rows, n_columns)
        Of the encoding's columns, NaN where a cell is empty.
    misfits : ndarray of shape (n_rows, n_columns)
        Cells of another kind than their column, whose values are NaN.
    """
    unpredictable = misfits.any(axis=1)
    unusable = unusable_values(values, model.encoding)
    if unusable is not None:
        unpredictable |= unusable.any(axis=1)
        misfits = misfits | (unusable & ~np.isnan(values))
        values = np.where(misfits, np.nan, values)
    predictions = np.full(len(values), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        predictions[~unpredictable] = model.predict(values[~unpredictable])
    found = dict(zip(model.feature_names, misfits.sum(axis=0).tolist(), strict=True))
    counts = distributions.count(values, predictions)
    return TableCounts(len(values), counts, {name: count for name, count in found.items() if count})
