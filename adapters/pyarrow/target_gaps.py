"""Target gaps: rows without a target, which are left out and counted."""

from dataclasses import dataclass

import numpy as np

from domain.data.arrays import Block
from domain.data.quoting import quoted


@dataclass(slots=True)
class TargetGaps:
    """The number of rows without the target of this name so far."""

    target: str
    count: int = 0

    def without(self, block: Block) -> Block:
        """Return the rows of a block that have a target."""
        empty = np.isnan(block.target)
        if not empty.any():
            return block
        self.count += int(np.count_nonzero(empty))
        return Block(block.features[~empty], block.target[~empty])

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on the rows, if there are any."""
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        return (f"left out: {rows} without {quoted(self.target)}, the target",) if self.count else ()
