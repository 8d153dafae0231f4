"""Parquet rows: read again in every pass, in memory that does not grow with their number."""

import hashlib
import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from adapters.pyarrow.decoded_batch import DecodedBatch, DecodedColumns, decoded
from adapters.pyarrow.number_columns import number_type, require_number_types
from adapters.pyarrow.parquet_files import ParquetFile, RowGroupRun, row_group_runs
from adapters.pyarrow.parquet_sample import sampled_blocks
from adapters.pyarrow.prefetch import prefetch
from adapters.pyarrow.row_selection import RowSelection
from domain.data.arrays import Block
from domain.data.column_names import require_known_names, validate_names
from domain.data.columns import Column, to_columns
from domain.data.dataset import Dataset
from domain.data.errors import UnreadableData
from domain.data.rows import RowRule, Rows
from domain.data.validation import validate_table

# Numbers that are decoded at once (32 MB): whole row groups of usual size are the fastest to decode.
DECODED_VALUES = 4 * 1024 * 1024
# Files that a pass in random order keeps open, at most.
MAX_OPEN_FILES = 16
# Rows that are copied into memory at once.
COPIED_ROWS = 8192


@dataclass(frozen=True, eq=False)
class ParquetRows(Rows):
    """The rows of some files, or those of them that a rule chooses."""

    files: Sequence[ParquetFile]
    row_group_runs: Sequence[RowGroupRun]
    selection: RowSelection
    columns: tuple[Column, ...]
    target_name: str
    keeps: object = None
    """An object that must live as long as the rows, such as the owner of temporary files."""

    def __len__(self) -> int:
        return self.selection.total

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of the columns' names, the files' names, sizes and footers, and the numbers of the chosen rows.

        It identifies files, not values: footers hold the range of each column in each row group, but not its values.
        """
        files = [f"{Path(file.place).name} {file.stamp[0]} {file.digest}" for file in self.files]
        return hashlib.sha256("\x1f".join([*self._columns.names, *files, self.selection.digest()]).encode()).hexdigest()

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

    def sample(self, count: int, seed: int) -> Block:
        """Return rows from about `count` / 64 places all over the table, in its order; all if there are no more."""
        if count >= len(self):
            return self._copied()
        parts = sampled_blocks(self.row_group_runs, self.selection, self._columns, count, np.random.default_rng(seed))
        features, target = map(np.concatenate, zip(*parts, strict=True))
        validate_table(features, target, self._columns.columns)
        return Block(np.ascontiguousarray(features), target)

    def loaded(self) -> Dataset:
        """Return all rows as a table in memory, of the type that they are read in."""
        return Dataset(*self._copied(), self.columns, self.target_name)

    def blocks(self, size: int, order: np.random.Generator | None = None) -> Iterator[Block]:
        """Yield every row once, in blocks of about `size` rows.

        In a random order, row groups follow each other as drawn from all files, and so do the blocks of each.
        """
        found = np.flatnonzero(self.selection.counts)
        if order:
            order.shuffle(found)
        memory = np.empty(len(self._columns.columns) * min(2 * size, self._decoded_rows), self._columns.dtype)
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
        opened = lru_cache(MAX_OPEN_FILES)(ParquetFile.open)
        for index in order:
            run = self.row_group_runs[index]
            batches = math.ceil(run.count / self._decoded_rows)
            rows = math.ceil(run.count / batches)  # of equal batches, so that none is tiny
            yield from decoded(run, opened(run.file), self._columns, rows, self.selection.mask(index))

    @cached_property
    def _columns(self) -> DecodedColumns:
        columns = (*self.columns, Column(self.target_name))
        return DecodedColumns(
            columns, number_type(file.types[column.name] for file in self.files for column in columns)
        )

    @property
    def _decoded_rows(self) -> int:
        return max(1, DECODED_VALUES // len(self._columns.columns))


def parquet_rows(
    files: Sequence[ParquetFile], target: str, features: Sequence[str], keeps: object = None
) -> ParquetRows:
    """Return the columns of the files as rows that each pass reads.

    Raises
    ------
    InvalidData
        If a file lacks a column, a name repeats, or a column does not hold numbers.
    """
    names = (*features, target)
    validate_names(names)
    require_known_names(names, tuple(files[0].types))
    for file in files:
        for name in names:
            if name not in file.types:
                raise UnreadableData(file.place, f"it has no column {name!r}, which {files[0].place} has")
        require_number_types({name: file.types[name] for name in names}, file.place)
    found = row_group_runs(files)
    every = RowSelection(np.array([run.count for run in found], dtype=np.int64))
    return ParquetRows(files, found, every, to_columns(features), target, keeps)
