"""From rows as clients send them to the design matrix that a model multiplies."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import isfinite
from typing import Any

import numpy as np

from domain.dataset import FloatArray
from domain.errors import BadRecord, FeatureNotFinite, FeatureOutOfRange, MissingFeature, UnknownFeature, listed

# A feature may be this large in magnitude: far beyond any measurement, and still with room for a product and a sum.
LARGEST = 1e300

# One row: the value of the only feature, the values in the model's order, or the values by name.
Row = float | Sequence[float] | Mapping[str, float]


def design_matrix(rows: Sequence[Row], feature_names: tuple[str, ...]) -> FloatArray:
    """Return `rows` as an array of shape (n_rows, n_features), columns in the order of `feature_names`.

    Raises
    ------
    BadRecord
        If a row has not exactly the features of the model, or one of them is not finite or larger than 1e300 in
        magnitude; the first such row is named.
    """
    values = _all_at_once(rows, len(feature_names))
    if values is None:
        values = chain.from_iterable(_values(number, row, feature_names) for number, row in enumerate(rows))
    shape = len(rows), len(feature_names)
    matrix = np.fromiter(values, np.float64, shape[0] * shape[1]).reshape(shape)
    refuse_unusable(matrix, feature_names)
    return matrix


def refuse_unusable(matrix: FloatArray, feature_names: tuple[str, ...]) -> None:
    """Raise `FeatureNotFinite` or `FeatureOutOfRange` for the first value that nothing can be predicted from.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_features)
    feature_names : tuple of str
        Of its columns.
    """
    if certainly_finite(matrix):
        return
    usable = np.abs(matrix) <= LARGEST  # which NaN is not
    if not usable.all():
        row, column = (int(place) for place in np.argwhere(~usable)[0])
        if np.isfinite(matrix[row, column]):
            raise FeatureOutOfRange(row, feature_names[column], LARGEST)
        raise FeatureNotFinite(row, feature_names[column])


def certainly_finite(values: FloatArray) -> bool:
    """Tell, in one pass, that all of `values` are finite and no larger than 1e154 in magnitude.

    The sum of squares is finite exactly then, but for values that are so large or so many that it overflows: False
    means to look more closely.

    Examples
    --------
    >>> certainly_finite(np.array([0.5, -3.0])), certainly_finite(np.array([0.5, np.nan]))
    (True, False)
    """
    return isfinite(np.vdot(values, values))


def _all_at_once(rows: Sequence[Any], columns: int) -> Iterable[float] | None:
    """Return the values of all rows, without a Python step for each of them, if they are numbers or lists throughout.

    None is the answer to rows that have to be looked at one by one, be it to say what is wrong with them.
    """
    kinds = set(map(type, rows))
    if kinds <= {int, float} and columns == 1:
        return rows
    if kinds == {list} and set(map(len, rows)) == {columns}:
        return chain.from_iterable(rows)
    return None


def _values(number: int, row: Row, feature_names: tuple[str, ...]) -> Sequence[float]:
    if isinstance(row, Mapping):
        return _by_name(number, row, feature_names)
    values = row if isinstance(row, Sequence) else (row,)
    if len(values) != len(feature_names):
        expected = f"{len(feature_names)} ({listed(feature_names)})"
        raise BadRecord(number, None, f"{len(values)} values, but the model takes {expected}")
    return values


def _by_name(number: int, row: Mapping[str, float], feature_names: tuple[str, ...]) -> Sequence[float]:
    for name in row:
        if name not in feature_names:
            raise UnknownFeature(number, name, feature_names)
    for name in feature_names:
        if name not in row:
            raise MissingFeature(number, name)
    return [row[name] for name in feature_names]
