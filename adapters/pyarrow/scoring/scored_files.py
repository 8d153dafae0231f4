"""Scored files: kept columns and predictions as Parquet or CSV, and the record of what they were made from.

The record of a Parquet file is in its metadata; that of a CSV file is in a file beside it, whose name begins with an
underscore so that readers of folders pass over it.
"""

import csv
import io
import json
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from adapters.pyarrow.file_format import PARQUET_SUFFIXES
from adapters.pyarrow.scoring.output_files import file_hash, folder_of, read_small, write_small
from adapters.pyarrow.table_path import TablePath
from domain.data.errors import InvalidData
from domain.data.quoting import quoted
from domain.model.scoring import BOUNDS, PREDICTION

ROW_GROUP_ROWS = 131_072
PREFIX = "endeavour."
"""Beginning of the keys in the metadata of a Parquet file."""
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
Record = Mapping[str, str]
"""Facts about a scored file by name: version, digest, input, input_digest, options, program, rows, bad_rows, counts.

With prediction intervals, `interval` is their level."""


class ScoredFile(Protocol):
    """A scored file that is being written; it is a context manager, which closes it."""

    @abstractmethod
    def __enter__(self) -> Self:
        """Return the file."""

    @abstractmethod
    def __exit__(self, *error: object) -> None:
        """Close the file."""

    @abstractmethod
    def write(self, rows: pa.RecordBatch) -> None:
        """Append rows."""

    @abstractmethod
    def finish(self, record: Record) -> None:
        """Write what is left, and the record."""


class ScoredParquet(ScoredFile):
    """A Parquet file with row groups of 131,072 rows, which it collects."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        kept = [name for name in schema.names if name not in (PREDICTION, *BOUNDS)]
        self._schema = schema
        self._writer = parquet.ParquetWriter(path, schema, compression="snappy", use_dictionary=kept or False)
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def write(self, rows: pa.RecordBatch) -> None:
        """Append rows; whole row groups are written."""
        self._waiting.append(rows)
        self._rows += len(rows)
        if self._rows >= ROW_GROUP_ROWS:
            whole = self._rows // ROW_GROUP_ROWS * ROW_GROUP_ROWS
            table = pa.Table.from_batches(self._waiting, self._schema)
            self._writer.write_table(table[:whole], ROW_GROUP_ROWS)
            self._waiting, self._rows = table[whole:].to_batches(), self._rows - whole

    def finish(self, record: Record) -> None:
        """Write the last row group, and the record into the metadata."""
        if self._rows:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema), ROW_GROUP_ROWS)
        self._writer.add_key_value_metadata({PREFIX + name: value for name, value in record.items()})


class ScoredCsv(ScoredFile):
    """A CSV file in UTF-8, compressed if its name ends like that; texts have quotes where they need them.

    Raises
    ------
    InvalidData
        If a column holds lists or structures.
    """

    def __init__(self, path: Path, schema: pa.Schema, target: TablePath, delimiter: str) -> None:
        for field in schema:
            if pa.types.is_nested(field.type):
                why = f"holds {field.type}, which a CSV file cannot; write Parquet with --format parquet"
                raise InvalidData(f"column {quoted(field.name)} {why}")
        self._path, self._target, self._delimiter = path, target, delimiter
        self._stream = pa.output_stream(path, compression=COMPRESSIONS.get(target.pure.suffix.lower()))
        self._special = "[" + "".join(f"\\x{ord(sign):02x}" for sign in f'{delimiter}"\r\n') + "]"
        header = io.StringIO()
        csv.writer(header, delimiter=delimiter, lineterminator="\n").writerow(field.name for field in schema)
        self._stream.write(header.getvalue().encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def write(self, rows: pa.RecordBatch) -> None:
        """Append rows."""
        quoting = "needed" if any(map(self._needs_quotes, rows.columns)) else "none"
        options = arrow_csv.WriteOptions(include_header=False, delimiter=self._delimiter, quoting_style=quoting)
        arrow_csv.write_csv(rows, self._stream, options)

    def finish(self, record: Record) -> None:
        """Write the record beside the target, with the hash of what the target is going to hold."""
        self._stream.close()
        facts = {**record, "output_digest": file_hash(TablePath(str(self._path)))}
        write_small(record_place(self._target), json.dumps(facts, indent=2).encode())

    def _needs_quotes(self, cells: pa.Array) -> bool:
        if not pa.types.is_string(cells.type):
            return False
        return bool(pc.any(pc.match_substring_regex(cells, self._special)).as_py())


def is_parquet_name(target: TablePath) -> bool:
    """Return whether a scored file of this name is Parquet."""
    return target.pure.suffix.lower() in PARQUET_SUFFIXES


def record_place(target: TablePath) -> TablePath:
    """Return where the record of a CSV file is."""
    return folder_of(target).joined(f"_{target.pure.name}.json")


def read_record(target: TablePath) -> Record | None:
    """Return the record of a complete scored file; None if there is none, or the file is no scored file."""
    return _parquet_record(target) if is_parquet_name(target) else _csv_record(target)


def _parquet_record(target: TablePath) -> Record | None:
    try:
        with target.open() as file:
            metadata = parquet.read_metadata(file)
    except (FileNotFoundError, pa.ArrowException):
        return None
    held = {name.decode(): value.decode() for name, value in (metadata.metadata or {}).items()}
    record = {name.removeprefix(PREFIX): value for name, value in held.items() if name.startswith(PREFIX)}
    return record if record.get("rows") == str(metadata.num_rows) else None


def _csv_record(target: TablePath) -> Record | None:
    text = read_small(record_place(target))
    try:
        record = json.loads(text or b"null")
        is_whole = isinstance(record, dict) and record.get("output_digest") == file_hash(target)
    except (FileNotFoundError, ValueError):
        return None
    return record if is_whole else None
