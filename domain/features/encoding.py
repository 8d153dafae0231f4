"""Encoding: fitted columns and products of their terms, which turn raw values into the terms of a linear model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np

from domain.data.arrays import FloatArray, Mask, Numbers
from domain.data.columns import Kind
from domain.data.table import LeftOut
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.number_column import NumberColumn
from domain.features.term_products import Product, TermProducts

AnyColumn = NumberColumn | CategoryColumn | DatetimeColumn


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
        by_term = flat.reshape(count, rows)
        terms = by_term.T
        for place, (column, part) in enumerate(zip(self.columns, self.column_slices, strict=True)):
            column.encode(values[:, place].astype(np.float64, copy=False), terms[:, part])
        if self.products:
            self.term_products.write(by_term[: self._ends[-1]], by_term[self._ends[-1] :])
        return terms

    @cached_property
    def term_products(self) -> TermProducts:
        """The products, of which there is one at least."""
        return TermProducts(self.columns, self.products)

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
