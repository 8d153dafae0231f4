"""Candidates: encodings fitted on a sample, with knots and with products of terms."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.columns import Column
from domain.data.errors import UnusableColumns
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import AnyColumn, Encoding
from domain.features.number_column import NumberColumn
from domain.features.term_products import Product
from domain.learning.terms.columns import EMPTY

# Levels of a category whose terms are factors of products, at most.
MAX_PRODUCT_LEVELS = 12
# Columns that are multiplied with each other, at most: the 500 strongest products are among those of 40 columns.
MAX_FACTOR_COLUMNS = 40


def fit_encoding(columns: Sequence[Column], values: FloatArray, knots: int) -> Encoding:
    """Return the encoding of `columns` with values of shape (n, n_columns).

    Raises
    ------
    UnusableColumns
        If columns have empty cells only.
    """
    if empty := [columns[place].name for place in np.flatnonzero(np.isnan(values).all(axis=0)).tolist()]:
        raise UnusableColumns(dict.fromkeys(empty, EMPTY))
    return Encoding(tuple(_fit(column, values[:, place], knots) for place, column in enumerate(columns)))


def _fit(column: Column, values: FloatArray, knots: int) -> AnyColumn:
    if column.kind == "category":
        return CategoryColumn.fit(column, values)
    if column.kind == "datetime":
        return DatetimeColumn.fit(column, values, knots)
    return NumberColumn.fit(column, values, knots, bounded=False)


def strongest_products(encoding: Encoding, strengths: FloatArray, count: int) -> tuple[Product, ...]:
    """Return `count` pairs of factors at most, of the columns whose strengths, shape (n_columns,), multiply to most.

    Factors are numbers, elapsed days, and levels of small categories. Products are chosen without a look at their own
    fit, because the best of many fit the noise of a sample.
    """
    parts, columns = encoding.column_slices, encoding.columns
    strongest = np.argsort(-strengths, kind="stable")[:MAX_FACTOR_COLUMNS].tolist()
    pairs = sorted(combinations(strongest, 2), key=lambda pair: -strengths[pair[0]] * strengths[pair[1]])
    products = [
        (min(first, second), max(first, second))
        for one, other in pairs
        for first in range(parts[one].start, parts[one].start + _factors(columns[one]))
        for second in range(parts[other].start, parts[other].start + _factors(columns[other]))
    ]
    return tuple(sorted(products[:count]))


def _factors(column: AnyColumn) -> int:
    """Return how many of the column's first terms are factors of products."""
    if not isinstance(column, CategoryColumn):
        return 1
    return len(column.levels) if len(column.levels) <= MAX_PRODUCT_LEVELS else 0
