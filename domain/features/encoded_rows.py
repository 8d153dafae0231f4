"""Encoded rows: raw rows as the terms of an encoding, block by block, for a learner."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import Block
from domain.data.columns import Column, are_plain_numbers
from domain.data.rows import LearnableRows, Rows
from domain.data.sums import DrawnRows, OnRows, Prepared, S, Work
from domain.features.bound_encoding import BoundEncoding
from domain.features.encoding import Encoding
from domain.features.target_transform import IDENTITY, TargetTransform


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """Prepares blocks: raw features as terms, and the target on the scale on which a model is fitted.

    Parameters
    ----------
    encoding : BoundEncoding
    target_transform : TargetTransform
    is_plain : bool
        Whether the raw features are the terms.
    """

    encoding: BoundEncoding
    target_transform: TargetTransform
    is_plain: bool

    def __call__(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Yield the terms of each block; a block may overwrite the one before it."""
        memory, columns = np.empty(0), len(self.encoding.encoding.term_names)
        for features, target in blocks:
            linear = self.target_transform.to_linear(target)
            if self.is_plain:
                yield Block(features, linear)
                continue
            if len(memory) < len(target) * columns:
                memory = np.empty(len(target) * columns)
            yield Block(self.encoding.encode(features, memory), linear)


class EncodedRows(LearnableRows):
    """Rows whose features are terms; a block may overwrite the one before it.

    Parameters
    ----------
    rows : Rows
    encoding : Encoding
    target_transform : TargetTransform
    """

    def __init__(self, rows: Rows, encoding: Encoding, target_transform: TargetTransform = IDENTITY) -> None:
        self._rows = rows
        self.columns: tuple[Column, ...] = tuple(
            Column(name, "boolean" if boolean else "number")
            for name, boolean in zip(encoding.term_names, encoding.booleans, strict=True)
        )
        self.target_name = rows.target_name
        is_plain = (
            encoding.is_plain and encoding.feature_names == rows.feature_names and are_plain_numbers(rows.columns)
        )
        self._encoder = Encoder(BoundEncoding(encoding, rows.columns), target_transform, is_plain)

    def __len__(self) -> int:
        return len(self._rows)

    def sample(self, count: int, seed: int) -> Block:
        """Return the terms of the rows that `rows.sample` returns."""
        (block,) = self._encoder([self._rows.sample(count, seed)])
        return block

    def blocks(self, size: int, order: "np.random.Generator | None" = None) -> Iterator[Block]:
        """Yield the terms of the blocks that `rows.blocks` yields."""
        return self._encoder(self._rows.blocks(size, order))

    @property
    def chain_rows(self) -> int:
        """Rows that one work reads."""
        return self._rows.chain_rows

    def reduce(self, work: Work[S], size: int, seed: int | None = None, on_rows: OnRows | None = None) -> S:
        """Return the sums that `work` makes of the terms of every row, encoded where the rows are."""
        return self._rows.reduce(Prepared(work, self._encoder), size, seed, on_rows)

    def drawn(self, count: int, seed: int) -> DrawnRows:
        """Return the terms of the rows that `rows.drawn` returns."""
        return self._rows.drawn(count, seed).prepared(self._encoder)
