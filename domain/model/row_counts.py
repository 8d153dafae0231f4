"""Row counts: numbers of rows that a model fills, or that have a text which it has not seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray, Mask
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Numbers of rows by feature, without zeros: with a text that the training rows lack, and with an empty cell."""

    unseen_levels: Mapping[str, int]
    filled_values: Mapping[str, int]


def unseen_levels(encoding: Encoding, inputs: FloatArray) -> Iterator[tuple[str, Mask]]:
    """Yield each category with a text that the training rows did not have, and which rows have such a text."""
    for place, column in enumerate(encoding.columns):
        if isinstance(column, CategoryColumn):
            is_unseen = column.is_unseen(inputs[:, place])
            if is_unseen.any():
                yield column.name, is_unseen


def count_rows(encoding: Encoding, inputs: FloatArray, unseen: Mapping[str, Mask] | None = None) -> RowCounts:
    """Return the counts for values of the encoding's columns, shape (n_rows, n_features).

    Parameters
    ----------
    encoding : Encoding
    inputs : ndarray of shape (n_rows, n_features)
    unseen : mapping of str to ndarray, optional
        What `unseen_levels` yields, if it is at hand.
    """
    unseen = dict(unseen_levels(encoding, inputs)) if unseen is None else unseen
    filled = zip(encoding.feature_names, np.isnan(inputs).sum(axis=0).tolist(), strict=True)
    return RowCounts(
        {name: int(is_unseen.sum()) for name, is_unseen in unseen.items()},
        {name: count for name, count in filled if count},
    )
