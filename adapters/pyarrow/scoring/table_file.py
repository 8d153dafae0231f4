"""Table file: batches of the columns that a model needs and of those that are kept, from one Parquet or CSV file."""

import hashlib
import json
from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import NamedTuple, Protocol

import pyarrow as pa

from adapters.pyarrow.arrow_kinds import kind_of
from adapters.pyarrow.csv_files import TEXT, CsvFile, open_csv
from adapters.pyarrow.fields import Field
from adapters.pyarrow.parquet_files import ParquetFile, read_footer, row_group_runs
from adapters.pyarrow.read_errors import CHANGED, read_errors_of
from adapters.pyarrow.scoring.output_files import file_hash
from adapters.pyarrow.table_files import is_parquet
from adapters.pyarrow.table_path import Stamp, TablePath
from domain.data.errors import UnreadableData
from domain.data.quoting import quoted

# Rows of a batch, and its cells (32 MB of numbers), at most.
BATCH_ROWS, BATCH_CELLS = 65_536, 4 * 1024 * 1024
# Bytes that are read at once from each column of a local file; without them, pyarrow holds a row group compressed too.
READ_BYTES = 256 * 1024


class TableBatch(NamedTuple):
    """Some consecutive rows of a file, from row `first` on, counted from 0.

    Parameters
    ----------
    first : int
    features : list of pyarrow.Array
        In the order of the model.
    kept : list of pyarrow.Array
        In the order in which they are kept.
    """

    first: int
    features: list[pa.Array]
    kept: list[pa.Array]


class TableFile(Protocol):
    """A file of a table to score."""

    rows: int
    """Of CSV, an estimate."""
    delimiter: str
    """Between the cells of scored CSV files."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """The sha256 of what identifies the content."""

    @property
    @abstractmethod
    def kept_fields(self) -> list[pa.Field]:
        """Names and types of the kept columns."""

    @abstractmethod
    def batches(self) -> Generator[TableBatch]:
        """Yield all rows; raise `UnreadableData` if the file cannot be decoded or changes meanwhile."""

    @abstractmethod
    def location(self, row: int) -> tuple[int, str]:
        """Return the number of a row, counted from 0, as an error names it: of a 'row' or of a 'line', from 1."""

    @abstractmethod
    def as_text(self) -> "TableFile":
        """Return the file with numbers read as texts too, which takes longer and finds the cell that is none."""


@dataclass(frozen=True, slots=True)
class WantedColumns:
    """Columns to read: those of a model, those of its columns whose cells may be texts, and those to keep."""

    features: tuple[str, ...]
    texts: frozenset[str]
    kept: tuple[str, ...]

    def fields(self, fields: Sequence[Field], place: str) -> dict[str, Field]:
        """Return the fields by name, or raise `UnreadableData` for one that is missing or cannot be used."""
        found = {field.name: field for field in fields}
        for name in (*self.features, *self.kept):
            need = "the model needs" if name in self.features else "is to be kept"
            if name not in found:
                raise UnreadableData(place, f"it has no column {quoted(name)}, which {need}")
            if found[name].problem:
                raise UnreadableData(place, f"column {quoted(name)}, which {need}, {found[name].problem}")
        return {name: found[name] for name in (*self.features, *self.kept)}


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


class CsvTableFile(TableFile):
    """A CSV file, identified by its bytes, or by the ETag of an object.

    Parameters
    ----------
    file : CsvFile
    columns : WantedColumns
    markers : list of str
        Texts of an empty cell.
    """

    def __init__(self, file: CsvFile, columns: WantedColumns, markers: list[str]) -> None:
        self._file, self._columns, self._markers = file, columns, markers
        self.rows, self.delimiter = file.rows, file.dialect.delimiter
        self._fields, self._stamp = columns.fields(file.fields, file.place), file.stamp or self._now()

    @property
    def digest(self) -> str:
        """The sha256 of the file, or of the size and the ETag of an object."""
        if self._file.stamp is not None:
            return hashlib.sha256(json.dumps(self._file.stamp).encode()).hexdigest()
        with read_errors_of(self._file.place):
            return file_hash(self._file.path)

    @property
    def kept_fields(self) -> list[pa.Field]:
        """The names; a CSV file holds texts only."""
        return [pa.field(name, pa.string()) for name in self._columns.kept]

    def batches(self) -> Generator[TableBatch]:
        """Yield all rows; raise `UnfitNumbers` if a cell is no number, unless numbers are read as texts."""
        types = {field.key: self._type(field) for field in self._fields.values()}
        first = 0
        for batch in self._file.batches(types, self._markers):
            columns = dict(zip(self._fields, batch.columns, strict=True))
            kept = [self._text(name, columns[name]) for name in self._columns.kept]
            yield TableBatch(first, [columns[name] for name in self._columns.features], kept)
            first += len(batch)
        if self._now() != self._stamp:
            raise UnreadableData(self._file.place, CHANGED)

    def location(self, row: int) -> tuple[int, str]:
        """Return the number of the line on which the row begins."""
        return self._file.line(row), "line"

    def as_text(self) -> TableFile:
        """Return the file with all features read as texts."""
        texts = replace(self._columns, texts=frozenset(self._columns.features))
        return CsvTableFile(self._file, texts, self._markers)

    def _now(self) -> Stamp:
        with read_errors_of(self._file.place):
            return self._file.path.stamp()

    def _type(self, field: Field) -> pa.DataType:
        if field.name not in self._columns.features:
            return pa.binary()
        is_text = field.name in {*self._columns.texts, *self._columns.kept}
        return TEXT if is_text else pa.float64()

    def _text(self, name: str, cells: pa.Array) -> pa.Array:
        plain = cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells
        try:
            return plain.cast(pa.string())
        except pa.ArrowInvalid:
            why = f"column {quoted(name)} is not UTF-8; read the file with --encoding latin-1"
            raise UnreadableData(self._file.place, why) from None


def open_table_file(
    path: TablePath,
    columns: WantedColumns,
    partition: Mapping[str, str | None],
    markers: list[str],
    encoding: str,
) -> ParquetTableFile | CsvTableFile:
    """Read the header or the footer of a file, or raise `UnreadableData` if it lacks a column."""
    if is_parquet(path):
        return ParquetTableFile(read_footer(path, partition=partition), columns)
    return CsvTableFile(open_csv(path, encoding, partition), columns, markers)


def _as(kind: pa.DataType, cells: pa.Array) -> pa.Array:
    """Return cells of this type; types of extensions have no conversion to themselves."""
    return cells if cells.type == kind else cells.cast(kind)
