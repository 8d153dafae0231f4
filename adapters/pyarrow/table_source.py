"""The tables at a place: loaded if they are small enough, read as a stream if they are not."""

from collections.abc import Sequence
from pathlib import Path

from adapters.pyarrow.csv_files import estimated_rows, header, load_csv
from adapters.pyarrow.csv_spool import spooled
from adapters.pyarrow.parquet_files import read_footer
from adapters.pyarrow.parquet_rows import parquet_rows
from adapters.pyarrow.read_errors import read_errors_of
from adapters.pyarrow.table_files import find_table_files, is_parquet
from domain.data.column_names import require_known_names, validate_names
from domain.data.rows import Rows
from domain.ports import DatasetSource

# Bytes of a float64.
NUMBER_BYTES = 8


class TableSource(DatasetSource):
    """The Parquet or CSV files at a place.

    Parameters
    ----------
    place : str
        A file, a directory, or a pattern such as ``data/**/*.parquet``.
    memory_budget : int
        Bytes of a table that is loaded as a whole, at most.
    without : str, optional
        A place whose files do not belong to the table, because they are held out.
    """

    def __init__(self, place: str, memory_budget: int, without: str | None = None) -> None:
        self._place, self._memory_budget, self._without = place, memory_budget, without

    def columns(self) -> tuple[str, ...]:
        """Return the names of the first file's columns."""
        first, *_ = self._paths()
        return tuple(read_footer(first).types) if is_parquet(first) else header(first)

    def load(self, target: str, features: Sequence[str]) -> Rows:
        """Return these columns: in memory if they fit into the budget, else to be read as a stream.

        CSV files that do not fit are copied once to where temporary files are kept.
        """
        paths, names = self._paths(), (*features, target)
        if is_parquet(paths[0]):
            rows = parquet_rows([read_footer(path) for path in paths], target, features)
            return rows.loaded() if self._fits(len(rows), names) else rows
        require_known_names(names, header(paths[0]))
        validate_names(names)
        with read_errors_of(self._place):
            fits = self._fits(sum(map(estimated_rows, paths)), names)
        return (load_csv if fits else spooled)(paths, target, features)

    def _paths(self) -> list[Path]:
        with read_errors_of(self._place):
            return find_table_files(self._place, find_table_files(self._without) if self._without else ())

    def _fits(self, rows: int, names: Sequence[str]) -> bool:
        return rows * len(names) * NUMBER_BYTES <= self._memory_budget
