"""From rows as clients send them to the design matrix that a model multiplies."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

import numpy as np

from domain.dataset import FloatArray
from domain.errors import BadRecord, FeatureNotFinite, MissingFeature, UnknownFeature, listed

# One row: the value of the only feature, the values in the model's order, or the values by name.
Row = float | Sequence[float] | Mapping[str, float]


class Table(Protocol):
    """Rows to predict in a form of their own, which says what is which feature."""

    @abstractmethod
    def matrix(self, feature_names: tuple[str, ...]) -> FloatArray:
        """Return these features of all rows, of shape (n_rows, n_features), or raise `BadRecord`."""


def design_matrix(rows: Sequence[Row] | Table, feature_names: tuple[str, ...]) -> FloatArray:
    """Return `rows` as an array of shape (n_rows, n_features), columns in the order of `feature_names`.

    Raises
    ------
    BadRecord
        If a row has not exactly the features of the model, or one of them is not finite; the first such row is named.
    """
    matrix = _of_rows(rows, feature_names) if isinstance(rows, Sequence) else rows.matrix(feature_names)
    bad = np.argwhere(~np.isfinite(matrix))
    if len(bad):
        row, column = bad[0]
        raise FeatureNotFinite(int(row), feature_names[column])
    return matrix


def _of_rows(rows: Sequence[Row], feature_names: tuple[str, ...]) -> FloatArray:
    values = _all_at_once(rows, len(feature_names))
    if values is None:
        values = chain.from_iterable(_values(number, row, feature_names) for number, row in enumerate(rows))
    shape = len(rows), len(feature_names)
    return np.fromiter(values, np.float64, shape[0] * shape[1]).reshape(shape)


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
