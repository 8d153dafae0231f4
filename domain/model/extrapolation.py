"""Extrapolation: values outside the range of the training rows, and texts that those did not have."""

import numpy as np

from domain.data.arrays import FloatArray, Mask
from domain.features.encoding import Encoding

# Columns up to which a loop over the values of one row is faster than numpy.
MAX_LOOPED_COLUMNS = 20


def extrapolations(encoding: Encoding, values: FloatArray) -> dict[str, Mask]:
    """Return, by column, which rows of values, shape (n_rows, n_columns), have an unusual one; none without any.

    A column whose range was not measured has none, and an empty cell is none.
    """
    ranges = encoding.value_ranges
    if len(values) == 1 and len(ranges) <= MAX_LOOPED_COLUMNS:
        for value, (low, high) in zip(values[0].tolist(), ranges, strict=True):
            if not low <= value <= high:  # also for NaN
                break
        else:
            return {}
    lows, highs = encoding.value_limits
    outside = (values < lows) | (values > highs)
    if not np.count_nonzero(outside):  # `any` takes three times as long for one row
        return {}
    return {encoding.feature_names[place]: outside[:, place] for place in np.flatnonzero(outside.any(axis=0)).tolist()}
