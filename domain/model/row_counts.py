"""Row counts: numbers of rows that a model fills, or that have a text which it has not seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray, Mask, all_finite_fast
from domain.features.encoding import Encoding


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Numbers of rows by feature, without zeros: with a text that the training rows lack, and with an empty cell."""

    unseen_levels: Mapping[str, int]
    filled_values: Mapping[str, int]


def unseen_levels(encoding: Encoding, inputs: FloatArray) -> Iterator[tuple[str, Mask]]:
    """Yield each category with a text that the training rows did not have, and which rows have such a text."""
    unseen = inputs >= encoding.unseen_from
    if np.count_nonzero(unseen):
        for place in np.flatnonzero(unseen.any(axis=0)).tolist():
            yield encoding.feature_names[place], unseen[:, place]


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
    empty = [] if all_finite_fast(inputs.T) else np.count_nonzero(np.isnan(inputs), axis=0).tolist()
    return RowCounts(
        {name: int(np.count_nonzero(is_unseen)) for name, is_unseen in unseen.items()},
        {name: count for name, count in zip(encoding.feature_names, empty, strict=False) if count},
    )
