"""Parquet files: footers, and runs of row groups that are decoded together."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from pyarrow import parquet

from adapters.pyarrow.fields import PATH_KEY, Field, named_fields, partition_fields, with_partition
from adapters.pyarrow.read_errors import CHANGED, read_errors_of
from adapters.pyarrow.table_path import Stamp, TablePath
from domain.data.errors import UnreadableData

# Rows up to which neighboring row groups are read as one; larger row groups are read one by one.
ROW_GROUP_RUN_ROWS = 262_144
# The name of the column of an index without a name.
UNNAMED_INDEX = "__index_level_0__"
# Bytes after the footer: its length, and the word PAR1.
TAIL_BYTES = 8
# Bytes of a column that one request to a store reads for a sample.
REMOTE_READ_BYTES = 256 * 1024
# Bytes of an object up to which whole columns are read for a sample, because that takes fewer requests.
SMALL_OBJECT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class ParquetFile:
    """A file as it was when its footer was read."""

    path: TablePath
    place: str
    """The name of the file in errors."""
    fields: tuple[Field, ...]
    group_rows: tuple[int, ...]
    metadata: parquet.FileMetaData
    """The footer; None in what `for_reading` returns."""
    partition: Mapping[str, str | None]
    """Values of the columns in the path, by name."""
    digest: str
    """The sha256 of the footer, which holds sizes and statistics of every row group."""
    stamp: Stamp
    """Facts that differ once the file is replaced; the first is the size."""

    @property
    def rows(self) -> int:
        """The number of rows."""
        return sum(self.group_rows)

    def fields_of(self, names: Iterable[str]) -> list[Field]:
        """Return the fields with these names."""
        fields = {field.name: field for field in self.fields}
        return [fields[name] for name in names]

    def statistics(self, keys: Sequence[str]) -> dict[str, list[parquet.Statistics | None]]:
        """Return what the footer states of each row group with rows of these columns; None if it states nothing."""
        places = {self.metadata.schema.column(place).path: place for place in range(self.metadata.num_columns)}
        groups = [self.metadata.row_group(group) for group, rows in enumerate(self.group_rows) if rows]
        # The cells of lists and of structures have other paths.
        return {key: [group.column(places[key]).statistics for group in groups] for key in keys if key in places}

    def open(self, texts: Iterable[str] = (), buffer_size: int = 0) -> parquet.ParquetFile:
        """Open the file, or raise `UnreadableData` if it cannot be read or has changed.

        The columns `texts`, by name, are decoded as positions in a dictionary if they hold text.

        The file is not mapped into memory, because reading a map past the end of a truncated file kills the process.
        pyarrow does not read ahead on a disk, because it would keep a row group of every open file. In a store, where
        each request takes long, it reads a run of row groups in a few requests, which `RowGroupRun.read` releases.
        """
        self.require_unchanged()
        remote = self.path.is_remote
        ahead = remote and (not buffer_size or int(self.stamp[0]) <= SMALL_OBJECT_BYTES)
        with read_errors_of(self.place):
            return parquet.ParquetFile(
                self.path.open(),
                metadata=self.metadata if remote else None,
                pre_buffer=ahead,
                buffer_size=0 if ahead else max(buffer_size, REMOTE_READ_BYTES) if remote else buffer_size,
                read_dictionary=[field.key for field in self.fields_of(texts) if not field.in_path],
            )

    def require_unchanged(self) -> None:
        """Raise `UnreadableData` if the file is missing or has changed since its footer was read."""
        with read_errors_of(self.place):
            now = self.path.stamp()
        if now != self.stamp:
            raise UnreadableData(self.place, CHANGED)


def for_reading(files: Iterable[ParquetFile], names: Collection[str]) -> dict[ParquetFile, ParquetFile]:
    """Return, for each file, what it takes to read the columns `names`, which travels without the footer.

    Files with the same fields share them, so that many small files travel as few bytes.
    """
    shared: dict[tuple[Field, ...], tuple[Field, ...]] = {}
    found = {}
    for file in files:
        fields = tuple(field for field in file.fields if field.name in names or field is file.fields[0])
        fields = shared.setdefault(fields, fields)
        found[file] = replace(file, fields=fields, group_rows=(), metadata=None)
    return found


def read_footer(
    path: TablePath, place: str | None = None, partition: Mapping[str, str | None] | None = None
) -> ParquetFile:
    """Read the footer of a file, which errors call `place`, or raise `UnreadableData`.

    `partition` holds the values of the columns in its path, by name.
    """
    place = place or str(path)
    with read_errors_of(place):
        opened, stamp = path.open_with_stamp()
        with opened:
            if not stamp[0]:
                raise UnreadableData(place, "it is empty")
            file = parquet.ParquetFile(opened, pre_buffer=False)
            schema, metadata = file.schema_arrow, file.metadata
            group_rows = tuple(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
            digest = _footer_digest(opened, metadata.serialized_size)
    fields = named_fields(schema.names, schema.names, schema.types, _index_of(schema))
    fields += partition_fields(partition or (), fields)
    return ParquetFile(path, place, fields, group_rows, metadata, partition or {}, digest, stamp)


@dataclass(frozen=True, slots=True, eq=False)
class RowGroupRun:
    """Row groups of a file that are decoded together: `count` rows from row `first` on, counted from 0."""

    file: ParquetFile
    groups: list[int]
    first: int
    count: int

    def read(self, opened: parquet.ParquetFile, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the columns in batches of `rows` rows; raise `UnreadableData` if the file has changed or lacks rows."""
        read = 0
        stored = [key for key in columns if not key.startswith(PATH_KEY)] or [self.file.fields[0].key]
        with read_errors_of(self.file.place):
            try:
                for batch in opened.iter_batches(rows, row_groups=self.groups, columns=stored):
                    if not read:  # a sample ends with the first batch
                        self.file.require_unchanged()
                    read += len(batch)
                    yield with_partition(batch, columns, self.file.partition)
                if self.file.path.is_remote:  # release what was read ahead
                    next(opened.iter_batches(rows, row_groups=[], columns=[]), None)
            except (OSError, pa.ArrowException):
                self.file.require_unchanged()
                raise
        self.file.require_unchanged()
        if read != self.count:
            raise UnreadableData(self.file.place, f"it has {read} rows where its footer names {self.count}")


def row_group_runs(files: Sequence[ParquetFile]) -> list[RowGroupRun]:
    """Return the rows of the files, in order, as runs of about `ROW_GROUP_RUN_ROWS` rows or of one row group."""
    found: list[RowGroupRun] = []
    for file in files:
        groups: list[int] = []
        first = count = 0
        for group, rows in enumerate(file.group_rows):
            if groups and count + rows > ROW_GROUP_RUN_ROWS:
                found.append(RowGroupRun(file, groups, first, count))
                groups, first, count = [], first + count, 0
            if rows:
                groups.append(group)
                count += rows
        if groups:
            found.append(RowGroupRun(file, groups, first, count))
    return found


def _index_of(schema: pa.Schema) -> frozenset[str]:
    """Return the columns that are the index of the data frame from which pandas wrote the file."""
    described = (schema.metadata or {}).get(b"pandas")
    names = json.loads(described).get("index_columns", []) if described else []
    return frozenset({UNNAMED_INDEX, *(name for name in names if isinstance(name, str))})


def _footer_digest(opened: pa.NativeFile, length: int) -> str:
    opened.seek(opened.size() - length - TAIL_BYTES)
    return hashlib.sha256(opened.read(length)).hexdigest()
