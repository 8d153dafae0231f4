"""Decoded batch: rows as they are decoded from a Parquet file, and the blocks that are copied from them."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import parquet

from adapters.pyarrow.cells import Reading, UnfitCell
from adapters.pyarrow.parquet_files import RowGroupRun
from domain.data.arrays import Block, Mask, Numbers
from domain.data.columns import Column
from domain.data.errors import InvalidCell
from domain.data.quoting import quoted
from domain.data.validation import MAX_MAGNITUDE, squares_add_up, validate_cells

Positions = slice | npt.NDArray[np.intp]


class DecodedColumns(NamedTuple):
    """How the columns are read, the target last, and the type of their numbers in a block."""

    readings: Sequence[Reading]
    dtype: npt.DTypeLike

    @property
    def columns(self) -> list[Column]:
        """The columns."""
        return [reading.column for reading in self.readings]


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """Some consecutive rows of the file `place`, from row `first` on, counted from 0."""

    place: str
    first: int
    columns: list[Numbers]
    """Of shape (n_rows,) each: the features and, last, the target."""
    wanted: npt.NDArray[np.intp] | None
    """Rising positions in the batch; None if all rows are wanted."""

    def pieces(self, size: int) -> list[Positions]:
        """Return the wanted rows in pieces of about equal length, none longer than one and a half times `size`."""
        count = len(self.columns[0]) if self.wanted is None else len(self.wanted)
        edges = np.linspace(0, count, max(1, round(count / size)) + 1).astype(np.intp).tolist()
        slices = [slice(*pair) for pair in pairwise(edges) if count]
        return [*slices] if self.wanted is None else [self.wanted[piece] for piece in slices]

    def block(self, positions: Positions, columns: Sequence[Column], memory: Numbers) -> Block:
        """Copy rows into `memory` and return them as a block, or raise `InvalidCell`.

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
        block = Block(rows[:-1].T, rows[-1])
        gaps = any(column.nullable for column in columns)
        if all(map(_is_usable, rows, columns)) if gaps else squares_add_up(flat):
            return block
        row_numbers = self.first + np.arange(len(self.columns[0]))[positions]
        validate_cells(*block, columns, row_numbers.tolist(), self.place)
        # Single-precision numbers whose squares overflow only in single precision.
        return Block(block.features.astype(np.float64), block.target.astype(np.float64))


def _is_usable(values: Numbers, column: Column) -> bool:
    """Return whether each value of a column can be squared, or is an empty cell of a nullable column."""
    if column.nullable:
        return bool(np.fmax.reduce(np.abs(values), initial=0) <= np.float64(MAX_MAGNITUDE))
    return squares_add_up(values)


def decoded(
    run: RowGroupRun, opened: parquet.ParquetFile, columns: DecodedColumns, rows: int, mask: Mask | None
) -> Generator[DecodedBatch]:
    """Yield the rows of a run, `rows` at once; `mask` is true for those that are wanted, and None means all.

    Raises `InvalidCell` for a text that does not fit its column, and what `RowGroupRun.read` raises.
    """
    keys = [field.key for field in run.file.fields_of(column.name for column in columns.columns)]
    done = 0
    for batch in run.read(opened, keys, rows):
        start, done = done, done + len(batch)
        wanted = None if mask is None or mask[start:done].all() else np.flatnonzero(mask[start:done])
        if wanted is not None and not len(wanted):
            continue
        values = [
            _numbers(one, cells, run, start, columns.dtype)
            for one, cells in zip(columns.readings, batch.columns, strict=True)
        ]
        yield DecodedBatch(run.file.place, run.first + start, values, wanted)


def _numbers(reading: Reading, cells: pa.Array, run: RowGroupRun, start: int, dtype: npt.DTypeLike) -> Numbers:
    try:
        return reading.numbers(cells, dtype)
    except UnfitCell as error:
        why = f"{quoted(error.text)} does not fit a column of the kind {reading.column.kind}"
        row = run.first + start + error.position + 1
        raise InvalidCell(row, reading.column.name, why, run.file.place) from error
