"""Rows as they come out of a file, and the blocks that are made of them."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyarrow import parquet

from adapters.tables.number_columns import numbers, refuse_empty
from adapters.tables.parquet_files import Stretch
from domain.rows import Block, Mask, Numbers
from domain.usable_numbers import LARGEST, refuse_unusable_cell

Positions = slice | npt.NDArray[np.intp]


class Columns(NamedTuple):
    """What is read: columns by `names`, of the features and, last, of the target, as numbers of a type."""

    names: Sequence[str]
    dtype: npt.DTypeLike


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """Some consecutive rows of a file, and which of them are wanted.

    Parameters
    ----------
    place : str
        The file.
    first : int
        The number of the batch's first row in the file, counted from 0.
    columns : list of ndarray of shape (n_rows,)
        Of the features and, last, of the target.
    wanted : ndarray of shape (n_wanted,) or None
        Positions in the batch, rising; None if all rows are wanted.
    """

    place: str
    first: int
    columns: list[Numbers]
    wanted: npt.NDArray[np.intp] | None

    def pieces(self, size: int) -> list[Positions]:
        """Return the wanted rows in pieces of about equal length, none longer than one and a half times `size`."""
        count = len(self.columns[0]) if self.wanted is None else len(self.wanted)
        edges = np.linspace(0, count, max(1, round(count / size)) + 1).astype(np.intp).tolist()
        slices = [slice(*pair) for pair in pairwise(edges) if count]
        return [*slices] if self.wanted is None else [self.wanted[piece] for piece in slices]

    def block(self, positions: Positions, names: Sequence[str], memory: Numbers) -> Block:
        """Copy rows into `memory` and return them as a block, or raise `BadCell`.

        The features of a block lie in memory column by column, as the file has them and as BLAS takes them.
        """
        count = positions.stop - positions.start if isinstance(positions, slice) else len(positions)
        flat = memory[: len(self.columns) * count]
        rows = flat.reshape(len(self.columns), count)
        for row, column in zip(rows, self.columns, strict=True):
            if isinstance(positions, slice):
                row[:] = column[positions]
            else:
                column.take(positions, out=row, mode="clip")
        features, target = rows[:-1].T, rows[-1]
        # One sum of squares tells that every value is usable; only if it does not, they are looked at one by one.
        with np.errstate(over="ignore", invalid="ignore"):
            usable = flat @ flat < LARGEST**2
        return Block(features, target) if usable else self._suspect(Block(features, target), positions, names)

    def _suspect(self, block: Block, positions: Positions, names: Sequence[str]) -> Block:
        """Raise `BadCell`, or return a block of singles that are only too large to be squared as such as doubles."""
        row_numbers = self.first + np.arange(len(self.columns[0]))[positions]
        refuse_unusable_cell(block.features, block.target, names, row_numbers.tolist(), self.place)
        return Block(block.features.astype(np.float64), block.target.astype(np.float64))


def decoded(
    stretch: Stretch, opened: parquet.ParquetFile, columns: Columns, rows: int, mask: Mask | None
) -> Generator[DecodedBatch]:
    """Yield the rows of a stretch, `rows` at once; those that the mask is true for are wanted, None means all.

    Raises `BadCell` for an empty cell, and whatever `Stretch.read` raises.
    """
    done = 0
    for batch in stretch.read(opened, columns.names, rows):
        start, done = done, done + len(batch)
        wanted = None if mask is None or mask[start:done].all() else np.flatnonzero(mask[start:done])
        if wanted is not None and not len(wanted):
            continue
        values = []
        for name in columns.names:
            column = batch.column(batch.schema.get_field_index(name))
            refuse_empty(column, name, stretch.first + start, stretch.file.place)
            values.append(numbers(column, columns.dtype))
        yield DecodedBatch(stretch.file.place, stretch.first + start, values, wanted)
