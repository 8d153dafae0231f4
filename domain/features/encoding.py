"""Encoding: fitted columns and products of their terms, which turn raw values into the terms of a linear model."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray, Mask, Numbers
from domain.data.columns import Kind
from domain.data.table import LeftOut
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.number_column import NumberColumn

AnyColumn = NumberColumn | CategoryColumn | DatetimeColumn
Product = tuple[int, int]
"""Places of two terms among those of the columns."""


@dataclass(frozen=True, eq=True)
class Encoding:
    """Columns as they were in the training rows, in the order of the features.

    Parameters
    ----------
    columns : tuple of NumberColumn, CategoryColumn or DatetimeColumn
    products : tuple of (int, int)
        Pairs of terms of different columns, by their places among all terms of the columns. Each pair is another term:
        the product of both, centered and scaled as the columns' `standardization` gives it.
    left_out : tuple of LeftOut
        Columns of the table that the model does not use, such as the target; a request may have them.

    Raises
    ------
    ValueError
        If there is no column, a name repeats, or a product names a term that does not exist.

    Examples
    --------
    >>> area, city = NumberColumn("area", fill=80.0, has_gaps=True), CategoryColumn("city", ("Bergen", "Oslo"))
    >>> encoding = Encoding((area, city))
    >>> encoding.term_names
    ('area', 'area is missing', 'city=Bergen', 'city=Oslo')
    >>> encoding.encode(np.array([[120.0, 1.0], [np.nan, 2.0]])).tolist()
    [[120.0, 0.0, 0.0, 1.0], [80.0, 1.0, 0.0, 0.0]]
    """

    columns: tuple[AnyColumn, ...]
    products: tuple[Product, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if not names:
            raise ValueError("an encoding has no column")
        if len(set(names)) != len(names):
            raise ValueError("feature names repeat")
        if any(not 0 <= term < self._ends[-1] for product in self.products for term in product):
            raise ValueError("a product names a term that does not exist")

    @classmethod
    def of_numbers(cls, names: Sequence[str]) -> "Encoding":
        """Return the encoding of numbers as they are."""
        return cls(tuple(map(NumberColumn, names)))

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kinds of the columns by name."""
        return {column.name: column.kind for column in self.columns}

    @cached_property
    def is_plain(self) -> bool:
        """Whether each column is a number without gaps and its own only term."""
        plain = (isinstance(column, NumberColumn) and column.is_plain for column in self.columns)
        return not self.products and all(plain)

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Names of the columns and of those that are left out."""
        return frozenset((*self.feature_names, *(column.name for column in self.left_out)))

    @cached_property
    def level_places(self) -> tuple[dict[str, float], ...]:
        """For each column, the position of each level; a column without levels has none."""
        columns = (column.column for column in self.columns)
        return tuple({level: float(place) for place, level in enumerate(column.levels)} for column in columns)

    @cached_property
    def column_term_names(self) -> tuple[str, ...]:
        """Names of the columns' terms."""
        return tuple(name for column in self.columns for name in column.term_names)

    @cached_property
    def term_names(self) -> tuple[str, ...]:
        """Names of all terms, those of the products last."""
        names = self.column_term_names
        return (*names, *(f"{names[first]} × {names[second]}" for first, second in self.products))

    @cached_property
    def booleans(self) -> Mask:
        """Whether each term is 0 or 1, which no product is."""
        return np.array(
            [boolean for column in self.columns for boolean in column.booleans] + [False] * len(self.products)
        )

    @cached_property
    def column_slices(self) -> tuple[slice, ...]:
        """Places of each column's terms."""
        return tuple(slice(*pair) for pair in pairwise((0, *self._ends)))

    @cached_property
    def have_gaps(self) -> Mask:
        """Whether each column may have empty cells, shape (n_columns,)."""
        return np.array([column.has_gaps for column in self.columns])

    @cached_property
    def unseen_from(self) -> FloatArray:
        """The value of each category for a text that the training rows lack, NaN for another column."""
        categories = (column.typical if isinstance(column, CategoryColumn) else np.nan for column in self.columns)
        return np.array(list(categories))

    @cached_property
    def value_ranges(self) -> tuple[tuple[float, float], ...]:
        """Least and largest usual value of each column."""
        return tuple(column.value_range for column in self.columns)

    @cached_property
    def value_limits(self) -> tuple[FloatArray, FloatArray]:
        """Least values and largest values of `value_ranges`, both of shape (n_columns,)."""
        ranges = np.array(self.value_ranges)
        return ranges[:, 0].copy(), ranges[:, 1].copy()

    def encode(self, values: Numbers, memory: FloatArray | None = None) -> Numbers:
        """Return the terms, shape (n, n_terms), of `values`, shape (n, n_columns).

        Plain numbers are returned as they are. Other terms lie in memory term by term, as BLAS takes them; `memory` of
        at least n · n_terms numbers is reused for them.
        """
        if self.is_plain:
            return values
        rows, count = len(values), len(self.term_names)
        flat = np.empty(rows * count) if memory is None else memory[: rows * count]
        terms = flat.reshape(count, rows).T
        for place, (column, part) in enumerate(zip(self.columns, self.column_slices, strict=True)):
            column.encode(values[:, place].astype(np.float64, copy=False), terms[:, part])
        if self.products:
            factors, first, second = self._factors
            centers, scales = self._standardization
            standardized = (terms[:, factors] - centers) / scales
            np.multiply(standardized[:, first], standardized[:, second], out=terms[:, self._ends[-1] :])
        return terms

    def factor_values(self, values: FloatArray) -> FloatArray:
        """Return the centered and scaled terms that are factors of products, shape (n_factors, n)."""
        columns, factors = self._factor_columns
        by_term = np.empty((columns[-1][-1].stop, len(values)))
        for place, column, part in columns:
            column.encode(values[:, place], by_term[part].T)
        centers, scales = self._standardization
        standardized: FloatArray = (by_term[factors] - centers[:, None]) / scales[:, None]
        return standardized

    def product_values(self, factors: FloatArray) -> FloatArray:
        """Return the product terms alone, shape (n, n_products), row by row in memory, of `factor_values`."""
        _, first, second = self._factors
        products = factors.take(first, axis=0)
        products *= factors.take(second, axis=0)
        # Another layout would change the order of a sum of each row.
        return np.ascontiguousarray(products.T)

    @cached_property
    def owners(self) -> tuple[int, ...]:
        """For each of the columns' terms, the place of its column."""
        return tuple(place for place, column in enumerate(self.columns) for _ in column.term_names)

    @cached_property
    def pairs(self) -> dict[tuple[int, int], list[int]]:
        """Places of the products of each pair of columns, by the places of the columns."""
        pairs: dict[tuple[int, int], list[int]] = {}
        for place, (first, second) in enumerate(self.products):
            low, high = sorted((self.owners[first], self.owners[second]))
            pairs.setdefault((low, high), []).append(place)
        return pairs

    @cached_property
    def pair_names(self) -> tuple[str, ...]:
        """Names of the pairs of columns with products."""
        return tuple(f"{self.feature_names[first]} × {self.feature_names[second]}" for first, second in self.pairs)

    @cached_property
    def _ends(self) -> tuple[int, ...]:
        return tuple(accumulate(len(column.term_names) for column in self.columns))

    @cached_property
    def _factors(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return the terms that are factors, and the places among them of each product's first and second factor."""
        pairs = np.array(self.products, dtype=np.intp)
        factors, places = np.unique(pairs, return_inverse=True)
        places = places.reshape(pairs.shape)
        return factors, places[:, 0], places[:, 1]

    @cached_property
    def _factor_columns(self) -> tuple[list[tuple[int, AnyColumn, slice]], npt.NDArray[np.intp]]:
        """Return columns with all terms that are factors and few others, and the places of the factors among these.

        Each has its place among the columns, and the places of its terms.
        """
        columns, places, end = [], [], 0
        factors = self._factors[0]
        for place, (column, own) in enumerate(zip(self.columns, self.column_slices, strict=True)):
            of_column = factors[(factors >= own.start) & (factors < own.stop)] - own.start
            if len(of_column):
                needed = column if of_column[-1] else _with_first_term(column)
                columns.append((place, needed, slice(end, end + len(needed.term_names))))
                places.append(of_column + end)
                end = columns[-1][-1].stop
        return columns, np.concatenate(places)

    @cached_property
    def _standardization(self) -> tuple[FloatArray, FloatArray]:
        """Return the center and the scale of each factor."""
        pairs = np.array([pair for column in self.columns for pair in column.standardization])[self._factors[0]]
        return pairs[:, 0].copy(), pairs[:, 1].copy()


def _with_first_term(column: AnyColumn) -> AnyColumn:
    """Return the column with the first of its terms and few others, which are those of a category."""
    if isinstance(column, NumberColumn):
        return replace(column, spline=column.spline and column.spline.without_knots, has_gaps=False)
    if isinstance(column, DatetimeColumn):
        return replace(column, elapsed=column.elapsed.without_knots, parts=(), has_gaps=False)
    return column
