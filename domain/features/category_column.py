"""Category column: a term for each level, one for rare levels together, and an indicator of empty cells."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.data.column_names import MAX_NAME_CHARACTERS
from domain.data.columns import Column, Kind
from domain.data.quoting import has_control_character
from domain.features.feature_column import Effect, FeatureColumn

# Levels with a term of their own, and levels that share a term, at most; the place of a term takes a byte.
MAX_LEVELS, MAX_POOLED_LEVELS = 200, 1_000


@dataclass(frozen=True, slots=True)
class CategoryColumn(FeatureColumn):
    """A text of a few levels; a text that is not among them adds nothing, as the average level does.

    Parameters
    ----------
    name : str
    levels : tuple of str
        The most frequent texts of the training rows, sorted.
    pooled : tuple of str
        Other texts of the training rows, sorted, which share a term.
    has_gaps : bool
        Whether the training rows had empty cells; a term then indicates them.
    """

    name: str
    levels: tuple[str, ...]
    pooled: tuple[str, ...] = ()
    has_gaps: bool = False

    @classmethod
    def fit(cls, column: Column, values: FloatArray) -> Self:
        """Return the column of the training values, shape (n,), positions among the texts of `column`."""
        codes = values[~np.isnan(values)].astype(np.intp)
        counts = Counter(dict(enumerate(np.bincount(codes, minlength=1)[: len(column.levels)].tolist())))
        frequent = [
            column.levels[code] for code, count in counts.most_common() if count and is_storable(column.levels[code])
        ]
        return cls(
            name=column.name,
            levels=tuple(sorted(frequent[:MAX_LEVELS])),
            pooled=tuple(sorted(frequent[MAX_LEVELS : MAX_LEVELS + MAX_POOLED_LEVELS])),
            has_gaps=len(codes) < len(values),
        )

    @property
    def kind(self) -> Kind:
        """A category."""
        return "category"

    @property
    def column(self) -> Column:
        """Return the column with the levels and, behind them, the pooled levels."""
        return Column(self.name, "category", (*self.levels, *self.pooled), nullable=self.has_gaps)

    @property
    def term_names(self) -> tuple[str, ...]:
        """A name for each level, for the pooled levels, and for the indicator."""
        others = [f"{self.name}=(other)"] if self.pooled else []
        return (
            *(f"{self.name}={level}" for level in self.levels),
            *others,
            *([f"{self.name} is missing"] if self.has_gaps else []),
        )

    @property
    def standardization(self) -> tuple[tuple[float, float], ...]:
        """Terms as they are."""
        return tuple((0.0, 1.0) for _ in self.term_names)

    @property
    def booleans(self) -> tuple[bool, ...]:
        """True for all terms."""
        return tuple(True for _ in self.term_names)

    @property
    def value_range(self) -> tuple[float, float]:
        """Positions of the levels and the pooled levels."""
        return 0.0, self.typical - 1.0

    @property
    def typical(self) -> float:
        """A text that is not among the levels."""
        return float(len(self.levels) + len(self.pooled))

    def encode(self, values: FloatArray, terms: FloatArray) -> None:
        """Write 1 to the term of each value, and 0 to the others."""
        numbers = np.arange(terms.shape[1], dtype=np.uint8)
        np.equal(self._terms_of_codes[self._codes(values)], numbers[:, None], out=terms.T)

    def effect(self, coefficients: FloatArray) -> Effect:
        """Return a look-up of the coefficients."""
        of_codes = np.append(coefficients, 0.0)[self._terms_of_codes]
        return lambda values: of_codes[self._codes(values)]

    def with_first_term(self) -> Self:
        """Return the column itself."""
        return self

    def _codes(self, values: FloatArray) -> npt.NDArray[np.intp]:
        """Return the position of each text, `typical` for an unseen one, and the number after it for an empty cell."""
        unseen = self.typical
        # NaN goes through `minimum`, and `fmin` replaces it.
        return np.fmin(np.minimum(values, unseen), unseen + 1).astype(np.intp)

    @property
    def _terms_of_codes(self) -> npt.NDArray[np.uint8]:
        return _terms_of_codes(len(self.levels), len(self.pooled), self.has_gaps)


@lru_cache(maxsize=1024)
def _terms_of_codes(levels: int, pooled: int, has_gaps: bool) -> npt.NDArray[np.uint8]:
    """Return the place of each code's term, by the codes of `CategoryColumn`; the number of terms where it has none."""
    terms = levels + bool(pooled)
    return np.array([*range(levels), *[levels] * pooled, terms + has_gaps, terms], np.uint8)


def is_storable(level: str) -> bool:
    """Return whether a record may hold the text; another one is never a level."""
    return len(level) <= MAX_NAME_CHARACTERS and not has_control_character(level)
