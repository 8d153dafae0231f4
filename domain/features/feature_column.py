"""Feature column: what fitted columns have in common, and the effect that its values have on a prediction."""

from abc import ABC, abstractmethod
from typing import Protocol, Self

from domain.data.arrays import FloatArray
from domain.data.columns import Column, Kind


class Effect(Protocol):
    """Part of a prediction that the values of one column add."""

    @abstractmethod
    def __call__(self, values: FloatArray) -> FloatArray:
        """Return the part of each of the values, both of shape (n,); a value's part does not depend on the others."""


# Not a Protocol, because `isinstance` of a class that inherits one takes 3 µs, and models have up to 10,000 columns.
class FeatureColumn(ABC):
    """A column as it was in the training rows: plain data that turns values into terms.

    Values are the numbers of a block, as `domain.data.columns.Kind` describes them, with positions among the texts of
    `column.levels`.
    """

    name: str
    has_gaps: bool
    """Whether the training rows had empty cells, so that a request may have them too."""

    @property
    @abstractmethod
    def kind(self) -> Kind:
        """Kind of the column."""

    @property
    @abstractmethod
    def column(self) -> Column:
        """Return the column whose values `encode` takes."""

    @property
    @abstractmethod
    def term_names(self) -> tuple[str, ...]:
        """Names of the terms, in the order of `encode`."""

    @property
    @abstractmethod
    def standardization(self) -> tuple[tuple[float, float], ...]:
        """Center and scale of each term where it is a factor of a product."""

    @property
    @abstractmethod
    def booleans(self) -> tuple[bool, ...]:
        """Whether each term is 0 or 1."""

    @property
    @abstractmethod
    def value_range(self) -> tuple[float, float]:
        """Least and largest value of the training rows, infinite if they were not measured."""

    @property
    @abstractmethod
    def typical(self) -> float:
        """Value that an explanation compares with: the median, or a level that adds nothing."""

    @abstractmethod
    def encode(self, values: FloatArray, terms: FloatArray) -> None:
        """Write the terms of `values`, shape (n,), to `terms`, shape (n, n_terms)."""

    @abstractmethod
    def effect(self, coefficients: FloatArray) -> Effect:
        """Return the effect of the column under these coefficients of its terms, shape (n_terms,)."""

    @abstractmethod
    def with_first_term(self) -> Self:
        """Return a column whose first term is the same, without the others where that takes less time to encode."""
