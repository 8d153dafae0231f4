"""Gaps: the columns with empty cells, and the rows without a target, which are left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from domain.data.arrays import Block, Mask
from domain.data.columns import Column
from domain.data.quoting import quoted


@dataclass(slots=True)
class Gaps:
    """What is empty in the rows that were read so far.

    Parameters
    ----------
    columns : sequence of Column
        The features.
    target : str
    rows : int
        The number of rows without a target.
    """

    columns: Sequence[Column]
    target: str
    rows: int = 0
    _empty: Mask = field(init=False)

    def __post_init__(self) -> None:
        self._empty = np.zeros(len(self.columns), np.bool_)

    def without(self, block: Block) -> Block:
        """Return the rows of a block that have a target."""
        filled = ~np.isnan(block.target)
        if not filled.all():
            self.rows += int(np.count_nonzero(~filled))
            block = Block(block.features[filled], block.target[filled])
        self._empty |= np.isnan(block.features).any(axis=0)
        return block

    @property
    def nullable_columns(self) -> tuple[Column, ...]:
        """The features, nullable if a cell is empty."""
        gaps = self._empty.tolist()
        return tuple(replace(column, nullable=gap) for column, gap in zip(self.columns, gaps, strict=True))

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on the rows without a target, if there are any."""
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return (f"left out: {rows} without {quoted(self.target)}, the target",) if self.rows else ()
