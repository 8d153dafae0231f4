"""Encoded rows: raw rows as the terms of an encoding, block by block, for a learner."""

from collections.abc import Iterator

import numpy as np

from domain.data.arrays import Block
from domain.data.columns import Column, are_plain_numbers
from domain.data.rows import LearnableRows, Rows
from domain.features.encoding import Encoding
from domain.features.target_transform import IDENTITY, TargetTransform


class EncodedRows(LearnableRows):
    """Rows whose features are terms; a block may overwrite the one before it.

    Parameters
    ----------
    rows : Rows
    encoding : Encoding
    target_transform : TargetTransform
    """

    def __init__(self, rows: Rows, encoding: Encoding, target_transform: TargetTransform = IDENTITY) -> None:
        self._rows, self._bound, self._target = rows, encoding.bind(rows.columns), target_transform
        self.columns: tuple[Column, ...] = tuple(
            Column(name, "boolean" if boolean else "number")
            for name, boolean in zip(encoding.term_names, encoding.booleans, strict=True)
        )
        self.target_name = rows.target_name
        self._is_plain = (
            encoding.is_plain and encoding.feature_names == rows.feature_names and are_plain_numbers(rows.columns)
        )

    def __len__(self) -> int:
        return len(self._rows)

    def sample(self, count: int, seed: int) -> Block:
        """Return the terms of the rows that `rows.sample` returns."""
        features, target = self._rows.sample(count, seed)
        return Block(self._bound.encode(features), self._target.to_linear(target))

    def blocks(self, size: int, order: np.random.Generator | None = None) -> Iterator[Block]:
        """Yield the terms of the blocks that `rows.blocks` yields."""
        if self._is_plain:
            yield from (
                Block(features, self._target.to_linear(target)) for features, target in self._rows.blocks(size, order)
            )
            return
        memory = np.empty(0)
        for features, target in self._rows.blocks(size, order):
            if len(memory) < len(target) * len(self.columns):
                memory = np.empty(len(target) * len(self.columns))
            yield Block(self._bound.encode(features, memory), self._target.to_linear(target))
