"""Parquet rows: read again in every pass, in memory that does not grow with their number."""

import hashlib
import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from adapters.pyarrow.cells import Reading
from adapters.pyarrow.decoded_batch import DecodedBatch, DecodedColumns, decoded
from adapters.pyarrow.gaps import Gaps
from adapters.pyarrow.parquet_files import ParquetFile, RowGroupRun, for_reading, row_group_runs
from adapters.pyarrow.parquet_sample import draws, sampled_blocks
from adapters.pyarrow.prefetch import prefetch
from adapters.pyarrow.row_selection import RowSelection, StoredMasks
from domain.data.arrays import Block, read_only_view
from domain.data.column_names import require_known_names, validate_names
from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.rows import RowRule, Rows
from domain.data.validation import validate_table

# Numbers that are decoded at once (32 MB): whole row groups of usual size are the fastest to decode.
DECODED_VALUES = 4 * 1024 * 1024
# Numbers that are decoded for a sample: it is spread over as much of each run as that allows.
SAMPLED_VALUES = 4 * 1024 * 1024
# Numbers of a sample that is kept, at most (8 MB), because a training draws the same few samples several times.
KEPT_VALUES = 1024 * 1024
# Files that a pass in random order keeps open, at most.
MAX_OPEN_FILES = 16
# Rows of a piece in the files, at least about, and pieces, at most: small pieces descend less far, and many take longer
# to run than to read.
MIN_PIECE_ROWS, MAX_PIECES = 1_000_000, 256
# Rows that are copied into memory at once.
COPIED_ROWS = 8192


@dataclass(frozen=True, eq=False)
class ParquetRows(Rows):
    """The rows of some files, or those of them that a rule chooses."""

    files: Sequence[ParquetFile]
    row_group_runs: Sequence[RowGroupRun]
    selection: RowSelection
    readings: Mapping[str, Reading]
    """Of the features and the target, by name."""
    columns: tuple[Column, ...]
    target_name: str
    keeps: object = None
    """An object that must live as long as the rows, such as the owner of temporary files; pieces do without it."""
    dtype: npt.DTypeLike | None = None
    """Of the numbers of a block; None for that of the files' columns."""

    def __len__(self) -> int:
        return self.selection.total

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of the columns, the files' names, sizes and footers, and the numbers of the chosen rows.

        It identifies files, not values: footers hold the range of each column in each row group, but not its values.
        """
        files = [
            f"{Path(file.place).name} {file.stamp[0]} {file.digest}{sorted(file.partition.items()) or ''}"
            for file in self.files
        ]
        columns = [
            "\x1f".join((column.name, *("" if column.kind == "number" else column.kind,), *column.levels))
            for column in self._columns.columns
        ]
        return hashlib.sha256("\x1f".join([*columns, *files, self.selection.digest()]).encode()).hexdigest()

    def select(self, names: Sequence[str]) -> "ParquetRows":
        """Return the rows with the features `names` only, in that order; raise `InvalidData` for an unknown name."""
        require_known_names(names, self.feature_names)
        validate_names((*names, self.target_name))
        by_name = {column.name: column for column in self.columns}
        return replace(self, columns=tuple(by_name[name] for name in names))

    def parts(self, rule: RowRule) -> tuple[Rows, Rows]:
        """Return the rows that `rule` leaves and those that it chooses."""
        left, chosen = self.selection.parts(rule)
        return replace(self, selection=left), replace(self, selection=chosen)

    def with_target(self, gaps: Gaps) -> "ParquetRows":
        """Return the rows that have a target, and count the others."""
        masks: list[npt.NDArray[np.uint8]] = []
        target = DecodedColumns([self.readings[self.target_name]], np.float64)
        opened = lru_cache(maxsize=1)(partial(ParquetFile.open, texts=self._texts))
        for run in self.row_group_runs:
            batches = decoded(run, opened(run.file), target, COPIED_ROWS, None)
            filled = np.concatenate([~np.isnan(batch.columns[0]) for batch in batches])
            gaps.rows += int(np.count_nonzero(~filled))
            masks.append(np.packbits(filled))
        counts = np.array([int(np.bitwise_count(mask).sum()) for mask in masks], dtype=np.int64)
        rows = [run.count for run in self.row_group_runs]
        return replace(self, selection=RowSelection(counts, StoredMasks(masks, rows)))

    def pieces(self) -> tuple[Rows, ...]:
        """Return the rows of runs of row groups that follow each other, of about the same number in the files.

        A piece is read, but neither split further nor identified: it has no fingerprint.
        """
        rows = np.array([run.count for run in self.row_group_runs], dtype=np.int64)
        wanted = min(MAX_PIECES, max(1, int(rows.sum()) // MIN_PIECE_ROWS))
        numbers = (np.cumsum(rows) - rows) * wanted // max(1, int(rows.sum()))
        edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(rows)]
        files = for_reading(
            dict.fromkeys(run.file for run in self.row_group_runs), {*self.feature_names, self.target_name}
        )
        return tuple(self._piece(first, end, files) for first, end in pairwise(edges))

    def _piece(self, first: int, end: int, files: Mapping[ParquetFile, ParquetFile]) -> "ParquetRows":
        return replace(
            self,
            files=(),
            row_group_runs=[replace(run, file=files[run.file]) for run in self.row_group_runs[first:end]],
            selection=self.selection.piece(first, end),
            readings={one.column.name: one for one in self._columns.readings},
            keeps=None,
            dtype=self._columns.dtype,
        )

    def sample(self, count: int, seed: int) -> Block:
        """Return rows from about `count` / 64 places all over the table, in its order; all if there are no more.

        A sample that is not large is drawn once.
        """
        if count >= len(self):
            return self._copied()
        if count * len(self._columns.readings) > KEPT_VALUES:
            return self._drawn(count, seed)
        if (count, seed) not in self._samples:
            self._samples[count, seed] = self._drawn(count, seed)
        return self._samples[count, seed]

    @cached_property
    def _samples(self) -> dict[tuple[int, int], Block]:
        return {}

    def _drawn(self, count: int, seed: int) -> Block:
        near, random = SAMPLED_VALUES // len(self._columns.readings), np.random.default_rng(seed)
        drawn = draws(self.row_group_runs, self.selection, near, count, random, self._texts)
        parts = sampled_blocks(drawn, self._columns)
        features, target = map(np.concatenate, zip(*parts, strict=True))
        validate_table(features, target, self._columns.columns)
        return Block(read_only_view(np.ascontiguousarray(features)), read_only_view(target))

    def loaded(self) -> Dataset:
        """Return all rows as a table in memory, of the type that they are read in; columns without a gap are none."""
        block = self._copied()
        empty = [
            column.nullable and bool(np.isnan(cells).any())
            for column, cells in zip(self.columns, block.features.T, strict=True)
        ]
        columns = [replace(column, nullable=gap) for column, gap in zip(self.columns, empty, strict=True)]
        return Dataset(*block, tuple(columns), self.target_name)

    def blocks(self, size: int, order: np.random.Generator | None = None) -> Iterator[Block]:
        """Yield every row once, in blocks of about `size` rows.

        In a random order, row groups follow each other as drawn from all files, and so do the blocks of each.
        """
        found = np.flatnonzero(self.selection.counts)
        if order:
            order.shuffle(found)
        memory = np.empty(len(self._columns.readings) * min(2 * size, self._decoded_rows), self._columns.dtype)
        for batch in prefetch(self._batches(found.tolist())):
            pieces = batch.pieces(size)
            if order:
                pieces = [pieces[index] for index in order.permutation(len(pieces))]
            for piece in pieces:
                yield batch.block(piece, self._columns.columns, memory)

    def constant_target(self) -> float | None:
        """Return the target's value if it is the same in all rows, else None; read up to the first other value."""
        value = None
        for block in self.select(()).blocks(COPIED_ROWS):
            value = float(block.target[0]) if value is None else value
            if (block.target != value).any():
                return None
        return value

    def _copied(self) -> Block:
        features = np.empty((len(self), len(self.columns)), self._columns.dtype)
        target = np.empty(len(self), self._columns.dtype)
        done = 0
        for block in self.blocks(COPIED_ROWS):
            start, done = done, done + len(block.target)
            features[start:done], target[start:done] = block
        return Block(features, target)

    def _batches(self, order: Sequence[int]) -> Generator[DecodedBatch]:
        opened = lru_cache(MAX_OPEN_FILES)(partial(ParquetFile.open, texts=self._texts))
        for index in order:
            run = self.row_group_runs[index]
            batches = math.ceil(run.count / self._decoded_rows)
            rows = math.ceil(run.count / batches)  # of equal batches, so that none is tiny
            yield from decoded(run, opened(run.file), self._columns, rows, self.selection.mask(index))

    @cached_property
    def _columns(self) -> DecodedColumns:
        readings = [self.readings[name] for name in (*self.feature_names, self.target_name)]
        return DecodedColumns(readings, self._common_dtype(readings) if self.dtype is None else self.dtype)

    def _common_dtype(self, readings: Sequence[Reading]) -> npt.DTypeLike:
        names = [one.column.name for one in readings]
        single = all(pa.types.is_float32(field.type) for file in self.files for field in file.fields_of(names))
        return np.float32 if single else np.float64

    @property
    def _texts(self) -> list[str]:
        """The columns that are read as text."""
        return [one.column.name for one in self._columns.readings if one.as_text]

    @property
    def _decoded_rows(self) -> int:
        return max(1, DECODED_VALUES // len(self._columns.readings))


def parquet_rows(files: Sequence[ParquetFile], readings: Mapping[str, Reading], keeps: object = None) -> ParquetRows:
    """Return the columns of the files, read as `readings` describe, the target last, as rows that each pass reads."""
    runs = row_group_runs(files)
    every = RowSelection(np.array([run.count for run in runs], dtype=np.int64))
    *features, target = (reading.column for reading in readings.values())
    return ParquetRows(files, runs, every, readings, tuple(features), target.name, keeps)
