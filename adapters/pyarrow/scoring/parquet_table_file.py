"""Parquet table file: batches of a Parquet file to score."""

import hashlib
import json
from collections.abc import Generator
from functools import cache, partial

import pyarrow as pa

from adapters.pyarrow.arrow_kinds import kind_of
from adapters.pyarrow.parquet_files import ParquetFile, row_group_runs
from adapters.pyarrow.scoring.table_file import TableBatch, TableFile, WantedColumns

# Rows of a batch, and its cells (32 MB of numbers), at most.
BATCH_ROWS, BATCH_CELLS = 65_536, 4 * 1024 * 1024
# Bytes that are read at once from each column of a local file; without them, pyarrow holds a row group compressed too.
READ_BYTES = 256 * 1024


class ParquetTableFile(TableFile):
    """A Parquet file; its content is identified by its size, its time of change and its footer."""

    def __init__(self, file: ParquetFile, columns: WantedColumns) -> None:
        self._file, self._columns, self.rows = file, columns, file.rows
        self._fields, self.delimiter = columns.fields(file.fields, file.place), ","

    @property
    def digest(self) -> str:
        """The sha256 of size, time of change, footer and the columns in the path."""
        size, changed = self._file.stamp[:2]
        text = json.dumps([size, changed, self._file.digest, sorted(self._file.partition.items())])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def kept_fields(self) -> list[pa.Field]:
        """Names and types as in the file; a column in the path is text."""
        fields = (self._fields[name] for name in self._columns.kept)
        return [pa.field(field.name, pa.string() if field.in_path else field.type) for field in fields]

    def batches(self) -> Generator[TableBatch]:
        """Yield all rows."""
        keys = [field.key for field in self._fields.values()]
        kinds = [field.type for field in self.kept_fields]
        texts = [
            name
            for name in self._columns.texts.difference(self._columns.kept)
            if kind_of(self._fields[name].type) == "text"
        ]
        rows = max(1, min(BATCH_ROWS, BATCH_CELLS // max(len(keys), 1)))
        opened = cache(partial(self._file.open, texts, 0 if self._file.path.is_remote else READ_BYTES))
        for run in row_group_runs([self._file]):
            first = run.first
            for batch in run.read(opened(), keys, rows):
                columns = dict(zip(self._fields, batch.columns, strict=True))
                kept = [_as(kind, columns[name]) for name, kind in zip(self._columns.kept, kinds, strict=True)]
                yield TableBatch(first, [columns[name] for name in self._columns.features], kept)
                first += len(batch)

    def location(self, row: int) -> tuple[int, str]:
        """Return the number of the row."""
        return row + 1, "row"

    def as_text(self) -> TableFile:
        """Return the file, whose numbers have types."""
        return self


def _as(kind: pa.DataType, cells: pa.Array) -> pa.Array:
    """Return cells of this type; types of extensions have no conversion to themselves."""
    return cells if cells.type == kind else cells.cast(kind)
