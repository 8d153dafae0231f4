"""Column effect: what an effect chart shows of one column."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from adapters.matplotlib.canvas import shown
from domain.data.arrays import FloatArray
from domain.data.number_text import number_text
from domain.features.category_column import CategoryColumn
from domain.features.encoding import AnyColumn
from domain.features.feature_column import Effect

# Bars of a category, at most; the rarest levels are one bar.
MAX_BARS = 25
EMPTY = "(empty)"


class Bar(NamedTuple):
    """A level with its rows in the sample and its effect."""

    name: str
    rows: int
    effect: float


@dataclass(frozen=True, slots=True, eq=False)
class ColumnEffect:
    """A column, its main effect, and its values in a sample of the training rows.

    Parameters
    ----------
    column : NumberColumn, CategoryColumn or DatetimeColumn
    weights : ndarray of shape (n_column_terms,)
        Of the main effect.
    values : ndarray of shape (n,)
    target_name : str
    log : bool
        Whether effects are those on the logarithm of the target.
    """

    column: AnyColumn
    weights: FloatArray
    values: FloatArray
    target_name: str
    log: bool

    @property
    def effect(self) -> Effect:
        """The effect of values relative to the average of the sample."""
        effect = self.column.effect(self.weights)
        middle = float(np.mean(effect(self.values)))
        return lambda values: effect(values) - middle

    @property
    def label(self) -> str:
        """What an axis of effects shows."""
        target = shown(self.target_name, 24)
        return f"{target} is multiplied by" if self.log else f"change of {target}"

    def text(self, effect: float) -> str:
        """Return an effect as a number with its sign, or as a factor."""
        if self.log:
            return f"×{np.exp(effect):.3g}"
        return f"{'+' if effect > 0 else ''}{number_text(effect, 3)}".replace("-", "−")

    def share(self, rows: int) -> str:
        """Return the share of some rows of the sample."""
        return f"{100 * rows / len(self.values):.2g} %"

    def bars(self) -> list[Bar]:
        """Return the levels, largest effect first, and the rarest of many levels as one."""
        codes, counts = np.unique(self.values, return_counts=True)
        rows: dict[str, int] = {}
        effects: dict[str, float] = {}
        for code, count, effect in zip(codes.tolist(), counts.tolist(), self.effect(codes).tolist(), strict=True):
            name = self._level(code)
            rows[name] = rows.get(name, 0) + count
            effects[name] = effect
        frequent = sorted(rows, key=lambda name: -rows[name])
        cut = len(rows) if len(rows) <= MAX_BARS else MAX_BARS - 1
        bars = sorted((Bar(name, rows[name], effects[name]) for name in frequent[:cut]), key=lambda bar: -bar.effect)
        rest = frequent[cut:]
        if rest:
            total = sum(rows[name] for name in rest)
            mean = sum(rows[name] * effects[name] for name in rest) / total
            bars.append(Bar(f"{len(rest)} other levels", total, mean))
        return bars

    def _level(self, code: float) -> str:
        if np.isnan(code):
            return EMPTY
        if isinstance(self.column, CategoryColumn):
            levels = self.column.levels
            return levels[int(code)] if code < len(levels) else "(other)"
        return "yes" if code else "no"
