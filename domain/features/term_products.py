"""Products of terms: computed from those columns alone whose terms are factors."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.features.feature_column import FeatureColumn

Product = tuple[int, int]
"""Places of two terms among those of the columns."""


class FactorColumn(NamedTuple):
    """A column with factors, its place among all columns, and the places of its terms among those of such columns."""

    place: int
    column: FeatureColumn
    terms: slice


class TermProducts:
    """Products of two terms, each centered and scaled as the columns' `standardization` gives it.

    Parameters
    ----------
    columns : sequence of FeatureColumn
    products : sequence of (int, int)
        Pairs of terms, by their places among all terms of the columns; one pair at least.
    """

    def __init__(self, columns: Sequence[FeatureColumn], products: Sequence[Product]) -> None:
        pairs = np.array(products, dtype=np.intp)
        self._factors, places = np.unique(pairs, return_inverse=True)
        self._first, self._second = places.reshape(pairs.shape).T.copy()
        standardization = np.array([pair for column in columns for pair in column.standardization])
        self._centers, self._scales = standardization[self._factors].T[:, :, None].copy()
        self._columns: list[FactorColumn] = []
        self._places = np.empty(len(self._factors), np.intp)
        start = end = 0
        for place, column in enumerate(columns):
            stop = start + len(column.term_names)
            of_column = np.flatnonzero((self._factors >= start) & (self._factors < stop))
            if len(of_column):
                own = self._factors[of_column] - start
                needed = column if own[-1] else column.with_first_term()
                self._columns.append(FactorColumn(place, needed, slice(end, end + len(needed.term_names))))
                self._places[of_column] = own + end
                end = self._columns[-1].terms.stop
            start = stop
        self._terms = end

    def factor_values(self, values: FloatArray) -> FloatArray:
        """Return the terms that are factors, standardized, shape (n_factors, n), of `values`, shape (n, n_columns)."""
        by_term = np.empty((self._terms, len(values)))
        for place, column, terms in self._columns:
            column.encode(values[:, place], by_term[terms].T)
        return self._standardized(by_term, self._places)

    def product_values(self, factors: FloatArray) -> FloatArray:
        """Return the products, shape (n, n_products), row by row in memory, of `factor_values`."""
        products = factors.take(self._first, axis=0)
        products *= factors.take(self._second, axis=0)
        # Another layout would change the order of a sum of each row.
        return np.ascontiguousarray(products.T)

    def write(self, terms: FloatArray, products: FloatArray) -> None:
        """Write the products of the columns' `terms`, shape (n_terms, n), to `products`, shape (n_products, n)."""
        factors = self._standardized(terms, self._factors)
        for product, first, second in zip(products, self._first, self._second, strict=True):
            np.multiply(factors[first], factors[second], out=product)

    def _standardized(self, terms: FloatArray, places: npt.NDArray[np.intp]) -> FloatArray:
        """Return the factors, which are at these places of `terms`."""
        factors = terms.take(places, axis=0)
        factors -= self._centers
        factors /= self._scales
        return factors
