"""Tables from CSV files, with every unusable cell named by row and column."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from domain.dataset import Dataset, FloatArray
from domain.errors import BadCell, DuplicateColumn, UnknownColumn, UnreadableData
from domain.ports import DatasetSource

# Ctrl-C is for the program to handle: pyarrow would take it for itself while it reads.
pa.enable_signal_handlers(False)

# Characters of a header; a longer first line belongs to a file of another kind.
LONGEST_HEADER = 1024 * 1024
# Characters of a bad cell, and of pyarrow's own words, that an error message shows.
SHOWN, LONGEST_REASON = 40, 120


class CsvSource(DatasetSource):
    """A CSV file with a header, commas between cells, and numbers in the columns that are asked for.

    Columns that are not asked for may hold anything.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def columns(self) -> tuple[str, ...]:
        """Return the header's names."""
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                names = next(csv.reader(iter(lambda: file.readline(LONGEST_HEADER), "")), [])
        except FileNotFoundError:
            raise self._unreadable("no such file") from None
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise self._unreadable(error) from error
        self._check(names)
        return tuple(names)

    def load(self, target: str, features: Sequence[str]) -> Dataset:
        """Return the columns as numbers; rows in the order of the file."""
        known = self.columns()
        wanted = [*features, target]
        for name in wanted:
            if name not in known:
                raise UnknownColumn(name, known)
        values = [self._numbers(table_column, name) for name, table_column in self._floats(wanted).items()]
        return Dataset(np.column_stack(values[:-1]), values[-1], tuple(features), target)

    def _floats(self, wanted: Sequence[str]) -> dict[str, pa.ChunkedArray]:
        try:
            table = self._read(wanted, pa.float64())
        except pa.ArrowInvalid as error:
            self._refuse_text(wanted)
            raise self._unreadable(error) from error
        return {name: table.column(name) for name in wanted}

    def _read(self, wanted: Sequence[str], cell_type: pa.DataType, *, threads: bool = True) -> pa.Table:
        convert = arrow_csv.ConvertOptions(
            include_columns=list(dict.fromkeys(wanted)),
            column_types=dict.fromkeys(wanted, cell_type),
            null_values=[""],
            strings_can_be_null=True,
        )
        parse = arrow_csv.ParseOptions(newlines_in_values=True)
        read = arrow_csv.ReadOptions(use_threads=threads)
        return arrow_csv.read_csv(self._path, read, parse, convert)

    def _refuse_text(self, wanted: Sequence[str]) -> None:
        """Find the cell that is no number; slow, but only on the way to an error."""
        try:
            # With one thread, pyarrow knows the row of a line that has too few or too many cells.
            table = self._read(wanted, pa.string(), threads=False)
        except pa.ArrowInvalid as error:
            raise self._unreadable(str(error).partition("\n")[0][:LONGEST_REASON]) from error
        for name in wanted:
            for row, cell in enumerate(table.column(name).to_pylist(), start=1):
                if cell is not None and not _is_number(cell):
                    raise BadCell(row, name, f"{cell[:SHOWN]!r} is not a number")

    @staticmethod
    def _numbers(column: pa.ChunkedArray, name: str) -> FloatArray:
        if column.null_count:
            row = column.is_null().to_pylist().index(True)
            raise BadCell(row + 1, name, "the cell is empty")
        numbers: FloatArray = column.to_numpy()
        return numbers

    def _check(self, names: Sequence[str]) -> None:
        if not names:
            raise self._unreadable("it is empty; its first line must name the columns")
        if "" in names:
            raise self._unreadable(f"column {names.index('') + 1} has no name in the first line")
        for name in names:
            if names.count(name) > 1:
                raise DuplicateColumn(name)

    def _unreadable(self, why: object) -> UnreadableData:
        return UnreadableData(str(self._path), str(why))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell  # Python reads 1_000 and digits of any script; pyarrow does not
