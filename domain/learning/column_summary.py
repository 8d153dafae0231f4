"""Column summaries: what the values of a column are in a sample of rows, in words and as a typical cell."""

from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.number_text import number_text
from domain.features.category_column import CategoryColumn
from domain.features.cells import Cell, to_cell
from domain.features.datetime_column import DAY_SECONDS
from domain.features.encoding import AnyColumn
from domain.features.moments import to_iso_text

# Levels that a summary names, and characters of each, at most.
MAX_LEVELS, MAX_LEVEL_CHARACTERS = 5, 40


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSummary:
    """A fitted column and its values in a sample of the training rows, shape (n,)."""

    column: AnyColumn
    values: FloatArray

    @property
    def text(self) -> str:
        """Range, most frequent levels, or share of true values."""
        present = self._present
        if self.column.kind == "boolean":
            return f"true in {100 * present.mean():.3g} %"
        if isinstance(self.column, CategoryColumn):
            shown = ", ".join(_cut(str(to_cell(self.column, code))) for code in self._frequent()[:MAX_LEVELS].tolist())
            count = len(self.column.levels) + len(self.column.pooled)
            return f"{count:,} {'level' if count == 1 else 'levels'}: {shown}{', …' if count > MAX_LEVELS else ''}"
        write = to_iso_text if self.column.kind == "datetime" else number_text
        low, high = float(present.min()), float(present.max())
        return f"{write(low)} to {write(high)}"

    @property
    def gaps(self) -> str:
        """Share of the empty cells."""
        if not self.column.has_gaps:
            return "none"
        return f"{100 * float(np.isnan(self.values).mean()):.2g} %"

    @property
    def typical(self) -> float:
        """The median, of four digits unless all values are whole, or the most frequent value."""
        if self.column.kind in ("category", "boolean"):
            return float(self._frequent()[0])
        median = float(np.quantile(self._present, 0.5, method="nearest"))
        if self.column.kind == "datetime":
            return median // DAY_SECONDS * DAY_SECONDS
        is_whole = bool((np.floor(self._present) == self._present).all())
        return median if is_whole else float(f"{median:.4g}")

    @property
    def typical_cell(self) -> Cell:
        """The typical value as JSON has it; a whole number without a decimal point."""
        cell = to_cell(self.column, self.typical)
        return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 else cell

    @property
    def _present(self) -> FloatArray:
        present = self.values[~np.isnan(self.values)]
        return present if len(present) else np.array([self.column.typical])

    def _frequent(self) -> FloatArray:
        """Return the different values, most frequent first."""
        values, counts = np.unique(self._present, return_counts=True)
        ranked: FloatArray = values[np.argsort(-counts, kind="stable")]
        return ranked


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LEVEL_CHARACTERS else f"{text[: MAX_LEVEL_CHARACTERS - 1]}…"
