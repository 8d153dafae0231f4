"""Prediction input: converts rows or columns of a request to the design matrix."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol, TypeVar

import numpy as np

from domain.data.arrays import FloatArray, all_finite_fast
from domain.errors import format_names
from domain.model.errors import FeatureNotFinite, FeatureOutOfRange, InvalidRow, MissingFeature, UnknownFeature

# Magnitude of a feature, at most: far above any measurement, with room for a product and a sum.
MAX_MAGNITUDE = 1e300

# One row: the value of the only feature, the values in the model's order, or the values by name.
Row = float | Sequence[float] | Mapping[str, float]

Value = TypeVar("Value")


class PredictionInput(Protocol):
    """Rows to predict in a form of their own."""

    @abstractmethod
    def matrix(self, feature_names: tuple[str, ...]) -> FloatArray:
        """Return these features of all rows, of shape (n_rows, n_features), or raise `InvalidRow`."""


@dataclass(frozen=True, slots=True)
class MatrixInput(PredictionInput):
    """An array of shape (n_rows, n_features), columns in the order of the model."""

    values: FloatArray

    def matrix(self, feature_names: tuple[str, ...]) -> FloatArray:
        """Return the array as it is; raise `InvalidRow` if there are more or fewer columns than features."""
        _require_count(0, self.values.shape[1], feature_names)
        return self.values


@dataclass(frozen=True, slots=True)
class ColumnInput(PredictionInput):
    """Arrays by feature, each of shape (n_rows,); arrays of different lengths are a `ValueError`.

    Examples
    --------
    >>> ColumnInput({"age": np.array([4.0, 0.0]), "area": np.array([3.0, 1.0])}).matrix(("area", "age")).tolist()
    [[3.0, 4.0], [1.0, 0.0]]
    """

    by_name: Mapping[str, FloatArray]

    def matrix(self, feature_names: tuple[str, ...]) -> FloatArray:
        """Return the arrays beside each other; raise `InvalidRow` if they are not exactly the features."""
        return np.column_stack(_by_name(0, self.by_name, feature_names))


def design_matrix(rows: Sequence[Row] | PredictionInput, feature_names: tuple[str, ...]) -> FloatArray:
    """Return `rows` as an array of shape (n_rows, n_features), columns in the order of `feature_names`.

    Raises
    ------
    InvalidRow
        For the first row whose features are not exactly the model's, or not finite, or larger than 1e300 in magnitude.
    """
    matrix = _from_rows(rows, feature_names) if isinstance(rows, Sequence) else rows.matrix(feature_names)
    validate_feature_values(matrix, feature_names)
    return matrix


def validate_feature_values(matrix: FloatArray, feature_names: tuple[str, ...]) -> None:
    """Raise `FeatureNotFinite` or `FeatureOutOfRange` for the first value outside the allowed range."""
    if all_finite_fast(matrix):
        return
    usable = np.abs(matrix) <= MAX_MAGNITUDE  # which NaN is not
    if not usable.all():
        row, column = (int(place) for place in np.argwhere(~usable)[0])
        if np.isfinite(matrix[row, column]):
            raise FeatureOutOfRange(row, feature_names[column], MAX_MAGNITUDE)
        raise FeatureNotFinite(row, feature_names[column])


def _from_rows(rows: Sequence[Any], feature_names: tuple[str, ...]) -> FloatArray:
    count = len(rows) * len(feature_names)
    try:
        # Uniform rows need no Python step for each.
        values = np.fromiter(_uniform(rows, feature_names), np.float64, count)
    except (KeyError, TypeError, ValueError):  # rows of several forms, or with an error to locate
        one_by_one = (_values(number, row, feature_names) for number, row in enumerate(rows))
        values = np.fromiter(chain.from_iterable(one_by_one), np.float64, count)
    return values.reshape(len(rows), len(feature_names))


def _uniform(rows: Sequence[Any], feature_names: tuple[str, ...]) -> Iterable[float]:
    """Return the values of uniform rows, or raise `ValueError`; numpy raises for values that are not numbers."""
    columns = len(feature_names)
    if columns == 1 and rows and isinstance(rows[0], int | float):
        return rows
    kinds = set(map(type, rows))
    if kinds not in ({list}, {dict}) or set(map(len, rows)) != {columns}:
        raise ValueError("the rows are not uniform")
    if kinds == {list}:
        return chain.from_iterable(rows)
    values = map(itemgetter(*feature_names), rows)
    return values if columns == 1 else chain.from_iterable(values)


def _values(number: int, row: Row, feature_names: tuple[str, ...]) -> Sequence[float]:
    if isinstance(row, Mapping):
        return _by_name(number, row, feature_names)
    values = row if isinstance(row, Sequence) else (row,)
    _require_count(number, len(values), feature_names)
    return values


def _require_count(number: int, count: int, feature_names: tuple[str, ...]) -> None:
    if count != len(feature_names):
        expected = f"{len(feature_names)} ({format_names(feature_names)})"
        raise InvalidRow(number, None, f"{count} values, but the model takes {expected}")


def _by_name(number: int, row: Mapping[str, Value], feature_names: tuple[str, ...]) -> Sequence[Value]:
    values = [row[name] for name in feature_names if name in row]
    if len(values) == len(row) == len(feature_names):
        return values
    known = frozenset(feature_names)
    for name in row:
        if name not in known:
            raise UnknownFeature(number, name, feature_names)
    raise MissingFeature(number, next(name for name in feature_names if name not in row))
