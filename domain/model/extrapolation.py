"""Extrapolation: values outside the range of the training rows, and texts that those did not have."""

from collections.abc import Iterator

import numpy as np

from domain.data.arrays import FloatArray, Mask
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DAY_SECONDS, DatetimeColumn
from domain.features.encoding import AnyColumn, Encoding


def extrapolations(encoding: Encoding, values: FloatArray) -> Iterator[tuple[str, Mask]]:
    """Yield each column with an unusual value, and which rows have one, for values of shape (n_rows, n_features).

    A column whose range was not measured has none, and an empty cell is none.
    """
    for place, column in enumerate(encoding.columns):
        outside = _outside(column, values[:, place])
        if outside is not None and outside.any():
            yield column.name, outside


def _outside(column: AnyColumn, values: FloatArray) -> Mask | None:
    if isinstance(column, CategoryColumn):
        return column.is_unseen(values)
    if isinstance(column, DatetimeColumn):
        return _beyond((values - column.origin) / DAY_SECONDS, column.elapsed.low, column.elapsed.high)
    if column.low is None or column.high is None:
        return None
    return _beyond(values, column.low, column.high)


def _beyond(values: FloatArray, low: float, high: float) -> Mask:
    return np.asarray((values < low) | (values > high))
