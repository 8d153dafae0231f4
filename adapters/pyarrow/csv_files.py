"""CSV files: batches of their columns, and the lines of their rows.

Columns that are not read may hold anything. Errors name file, line and column.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import csv as arrow_csv

from adapters.pyarrow.dialect import Dialect, dialect_of
from adapters.pyarrow.fields import PATH_KEY, Field, named_fields, partition_fields, with_partition
from adapters.pyarrow.file_format import file_format
from adapters.pyarrow.read_errors import CHANGED, read_errors_of
from adapters.pyarrow.table_path import Stamp, TablePath
from domain.data.errors import UnreadableData
from domain.data.quoting import quoted
from domain.errors import InvalidParameter

# Bytes at the beginning of a file in which its header, its dialect and about its number of lines are found.
HEAD_BYTES = 1024 * 1024
# Bytes of rows at the beginning of a file that the kinds of its columns are first taken from.
SURVEYED_BYTES = 256 * 1024
# Bytes that become one batch; pyarrow reads 32 of them ahead.
READ_BYTES = 4 * 1024 * 1024
# Bytes of a table in a byte of its compressed file, at most, as a rule.
COMPRESSION_RATIO = 8
TEXT = pa.dictionary(pa.int32(), pa.binary())
"""The type of cells that are read as text: their encoding is validated later, column by column."""


class UnfitNumbers(Exception):
    """A cell of a column that is read as numbers is none."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose header has been read.

    Parameters
    ----------
    path : TablePath
    format : {'csv', 'gzip', 'zstd'}
    encoding : str
    dialect : Dialect
    fields : tuple of Field
    rows : int
        About how many rows there are, from the size of the file and its first lines.
    complete : bool
        Whether the head, whose kinds are taken first, has all rows.
    partition : mapping of str to str or None
        Values of the columns in the path, by name.
    stamp : tuple, optional
        Facts about an object in a store that differ once it is replaced.
    """

    path: TablePath
    format: str
    encoding: str
    dialect: Dialect
    fields: tuple[Field, ...]
    rows: int
    complete: bool
    partition: Mapping[str, str | None]
    stamp: Stamp | None = None

    @property
    def place(self) -> str:
        """The name of the file in errors."""
        return str(self.path)

    def head(self, keys: Sequence[str]) -> pa.RecordBatch | None:
        """Return the texts of the first rows, None if they cannot be separated without reading on."""
        with read_errors_of(self.place), self._rows_stream() as stream:
            text = stream.read(SURVEYED_BYTES)
        if not self.complete:
            text = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1]
        try:
            return next(self._parsed(pa.BufferReader(text), dict.fromkeys(keys, TEXT), [], len(text) + 1), None)
        except pa.ArrowInvalid:
            return None

    def batches(self, types: Mapping[str, pa.DataType], markers: list[str]) -> Iterator[pa.RecordBatch]:
        """Yield the columns with these keys and types.

        Parameters
        ----------
        types : mapping of str to pyarrow.DataType
            `TEXT` or float64, by the keys of fields.
        markers : list of str
            Texts of an empty cell, which becomes null in a column of numbers.

        Raises
        ------
        UnfitNumbers
            If a cell that is read as a number is none.
        UnreadableData
            If the file is not valid CSV, or is an object in a store that was replaced.
        """
        if not types or self.rows == 0:
            return
        with read_errors_of(self.place):
            try:
                with self._rows_stream() as stream:
                    yield from self._parsed(stream, types, markers, READ_BYTES)
                self._require_unchanged()
            except pa.ArrowInvalid as error:
                self._require_unchanged()
                if "conversion error" in str(error):
                    raise UnfitNumbers from error
                if "straddl" in str(error):
                    why = f"a row is longer than {READ_BYTES} bytes; a quote may be missing"
                    raise UnreadableData(self.place, why) from error
                self._require_equal_rows()
                raise

    def _parsed(
        self, stream: pa.NativeFile, types: Mapping[str, pa.DataType], markers: list[str], size: int
    ) -> Iterator[pa.RecordBatch]:
        names = [field.key for field in self.fields if not field.in_path]
        stored = {key: kind for key, kind in types.items() if not key.startswith(PATH_KEY)} or {names[0]: TEXT}
        read = arrow_csv.ReadOptions(block_size=size, column_names=names)
        parse = arrow_csv.ParseOptions(delimiter=self.dialect.delimiter, newlines_in_values=True)
        convert = arrow_csv.ConvertOptions(
            include_columns=list(stored), column_types=stored, null_values=markers, strings_can_be_null=False
        )
        with arrow_csv.open_csv(stream, read, parse, convert) as reader:
            for batch in reader:
                yield with_partition(batch, list(types), self.partition)

    def line(self, row: int) -> int:
        """Return the number of the line on which a row begins; lines count from 1, rows from 0."""
        return next(line for number, (line, _) in enumerate(self._records()) if number == row)

    def _require_unchanged(self) -> None:
        if self.stamp and self.stamp != self.path.stamp():
            raise UnreadableData(self.place, CHANGED)

    def _require_equal_rows(self) -> None:
        """Raise `UnreadableData` for the first row that has more or fewer cells than the header."""
        width = len(self.dialect.names)
        for line, cells in self._records():
            if len(cells) != width:
                text = quoted(self.dialect.delimiter.join(cells))
                count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
                raise UnreadableData(self.place, f"line {line}, {text}, has {count}, and the header has {width}")

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line and the cells of each row. It is slow, and runs before an error only."""
        with self._rows_stream() as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
            reader = csv.reader(text, delimiter=self.dialect.delimiter)
            before = 0
            try:
                for cells in reader:
                    if cells:
                        yield self.dialect.lines + before + 1, cells
                    before = reader.line_num
            except csv.Error as error:
                raise UnreadableData(self.place, f"line {self.dialect.lines + before + 1}: {error}") from error

    def _rows_stream(self) -> pa.NativeFile:
        stream = _utf8_stream(self.path, self.format, self.encoding)
        stream.read(self.dialect.start)
        return stream


def encoding_named(name: str) -> str:
    """Return the canonical name of an encoding; raise `InvalidParameter` if it is unknown."""
    try:
        found = codecs.lookup(name).name
        b"a,b\n".decode(found)
    except (LookupError, UnicodeError):
        raise InvalidParameter("encoding", name, "an encoding such as utf-8, latin-1 or utf-16") from None
    return found


def open_csv(path: TablePath, encoding: str = "utf-8", partition: Mapping[str, str | None] | None = None) -> CsvFile:
    """Read the header of a file, or raise `UnreadableData`; `partition` holds the columns in its path, by name."""
    place = str(path)
    found = file_format(path, encoding)
    if found == "parquet":
        raise UnreadableData(place, "it is a Parquet file; rename it to *.parquet")
    with read_errors_of(place):
        stamp = path.stamp()
        with _utf8_stream(path, found, encoding) as stream:
            head = stream.read(HEAD_BYTES)
            entire = not stream.read(1)
    dialect = dialect_of(head, place)
    rows = head[dialect.start :]
    if not rows.strip():
        count = 0
    elif entire:
        count = _lines(rows) + 1
    else:
        count = round(_lines(head) / len(head) * int(stamp[0]) * (1 if found == "csv" else COMPRESSION_RATIO))
    keys = [str(number) for number in range(len(dialect.names))]
    fields = named_fields(dialect.names, keys, [TEXT] * len(keys))
    fields += partition_fields(partition or (), fields)
    complete = entire and len(rows) <= SURVEYED_BYTES
    return CsvFile(
        path, found, encoding, dialect, fields, count, complete, partition or {}, stamp if path.is_remote else None
    )


def _lines(text: bytes) -> int:
    return max(text.count(b"\n"), text.count(b"\r"))


def _utf8_stream(path: TablePath, compression: str, encoding: str) -> pa.NativeFile:
    stream = path.stream(None if compression == "csv" else compression)
    return stream if encoding == "utf-8" else pa.transcoding_input_stream(stream, encoding, "utf8")
