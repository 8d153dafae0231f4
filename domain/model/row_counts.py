"""Row counts: numbers of rows that a model fills, or that have a text which it has not seen."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray, Mask, all_finite_fast
from domain.features.encoding import Encoding


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Numbers of rows by feature, without zeros: with a text that the training rows lack, and with an empty cell."""

    unseen_levels: Mapping[str, int]
    filled_values: Mapping[str, int]


def unseen_levels(encoding: Encoding, inputs: FloatArray) -> dict[str, Mask]:
    """Return, by category, which rows have a text that the training rows lack, without categories that have none."""
    unseen = inputs >= encoding.unseen_from
    places = np.flatnonzero(unseen.any(axis=0)).tolist() if np.count_nonzero(unseen) else []
    return {encoding.feature_names[place]: unseen[:, place] for place in places}


def count_rows(encoding: Encoding, inputs: FloatArray, unseen: Mapping[str, Mask]) -> RowCounts:
    """Return the counts for values of the encoding's columns, shape (n_rows, n_features), and their `unseen_levels`."""
    has_empty = not all_finite_fast(inputs.T)
    empty = np.count_nonzero(np.isnan(inputs), axis=0).tolist() if has_empty else [0] * len(encoding.feature_names)
    return RowCounts(
        {name: int(np.count_nonzero(is_unseen)) for name, is_unseen in unseen.items()},
        {name: count for name, count in zip(encoding.feature_names, empty, strict=True) if count},
    )
