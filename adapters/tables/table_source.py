"""A table from wherever it is, loaded if it is small enough and read as a stream if it is not."""

from collections.abc import Sequence

from adapters.tables.csv_dialect import header
from adapters.tables.csv_files import estimated_rows, load_csv_files
from adapters.tables.csv_spool import spooled
from adapters.tables.in_memory import in_memory
from adapters.tables.parquet_files import read_footer
from adapters.tables.parquet_rows import parquet_rows
from adapters.tables.table_files import TableFiles, TableFormat, find_table_files
from adapters.tables.unreadable import unreadable_as
from domain.column_names import refuse_unknown, refuse_unusable_names
from domain.ports import DatasetSource
from domain.rows import Rows

# Of a float64.
BYTES_OF_A_NUMBER = 8


class TableSource(DatasetSource):
    """The Parquet or CSV files at a place.

    Parameters
    ----------
    place : str
        A file, a directory, or a pattern such as ``data/**/*.parquet``.
    memory_budget : int
        Bytes up to which a table is loaded as a whole.
    without : str, optional
        A place whose files do not belong to the table, because they are held out.
    """

    def __init__(self, place: str, memory_budget: int, without: str | None = None) -> None:
        self._place, self._memory_budget, self._without = place, memory_budget, without

    def columns(self) -> tuple[str, ...]:
        """Return the names of the first file's columns."""
        files = self._files()
        return (
            tuple(read_footer(files.paths[0]).types) if files.format is TableFormat.PARQUET else header(files.paths[0])
        )

    def load(self, target: str, features: Sequence[str]) -> Rows:
        """Return these columns: in memory if they fit into the budget, else to be read as a stream.

        A CSV file that does not fit is copied once to where temporary files are kept.
        """
        files = self._files()
        return (self._parquet if files.format is TableFormat.PARQUET else self._csv)(files, target, features)

    def _files(self) -> TableFiles:
        with unreadable_as(self._place):
            return find_table_files(self._place, find_table_files(self._without).paths if self._without else ())

    def _parquet(self, files: TableFiles, target: str, features: Sequence[str]) -> Rows:
        rows = parquet_rows([read_footer(path) for path in files.paths], target, features)
        return in_memory(rows) if self._fits(len(rows), features) else rows

    def _csv(self, files: TableFiles, target: str, features: Sequence[str]) -> Rows:
        names = (*features, target)
        refuse_unknown(names, header(files.paths[0]))
        refuse_unusable_names(names)
        with unreadable_as(self._place):
            fits = self._fits(estimated_rows(files.paths), features)
        if fits:
            return load_csv_files(files.paths, target, features)
        spool, copies = spooled(files.paths, names)
        return parquet_rows(copies, target, features, keeps=spool)

    def _fits(self, rows: int, features: Sequence[str]) -> bool:
        return rows * (len(features) + 1) * BYTES_OF_A_NUMBER <= self._memory_budget
