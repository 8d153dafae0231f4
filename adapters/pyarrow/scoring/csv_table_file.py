"""CSV table file: batches of a CSV file to score."""

import hashlib
import json
from collections.abc import Generator
from dataclasses import replace

import pyarrow as pa

from adapters.pyarrow.csv_files import TEXT, CsvFile
from adapters.pyarrow.fields import Field
from adapters.pyarrow.read_errors import CHANGED, read_errors_of
from adapters.pyarrow.scoring.output_files import file_hash
from adapters.pyarrow.scoring.table_file import TableBatch, TableFile, WantedColumns
from adapters.pyarrow.table_path import Stamp
from domain.data.errors import UnreadableData
from domain.data.quoting import quoted


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
