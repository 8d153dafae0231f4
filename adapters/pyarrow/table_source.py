"""Table source: the tables at a place, loaded into memory if they fit, else read as a stream."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from adapters.pyarrow.csv_files import estimated_rows, header, load_csv, require_columns
from adapters.pyarrow.csv_spool import spooled
from adapters.pyarrow.parquet_files import ParquetFile, read_footer
from adapters.pyarrow.parquet_rows import parquet_rows
from adapters.pyarrow.read_errors import read_errors_of
from adapters.pyarrow.table_files import find_table_files, is_parquet
from domain.data.column_names import require_known_names, validate_names
from domain.data.columns import Kind
from domain.data.rows import Rows
from domain.data.table import Table
from domain.ports import DatasetSource

# Bytes of a float64.
NUMBER_BYTES = 8


class TableSource(DatasetSource):
    """The Parquet or CSV files at a place, which is searched once, and whose headers and footers are read once.

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
        return tuple(self._footers[0].types) if is_parquet(self._paths[0]) else self._header

    def load(
        self,
        target: str,
        features: Sequence[str] | None = None,
        *,
        exclude: Collection[str] = (),
        kinds: Mapping[str, Kind] | None = None,
    ) -> Table:
        """Return these columns: in memory if they fit into the budget, else to be read as a stream.

        CSV files that exceed the budget are copied once to the directory of temporary files.
        """
        del kinds
        if features is None:
            features = [name for name in self.columns() if name != target and name not in exclude]
        return Table(self._rows(target, features))

    def _rows(self, target: str, features: Sequence[str]) -> Rows:
        names = (*features, target)
        if is_parquet(self._paths[0]):
            rows = parquet_rows(self._footers, target, features)
            return rows.loaded() if self._fits(len(rows), names) else rows
        require_known_names(names, self._header)
        validate_names(names)
        for path in self._paths[1:]:
            require_columns(path, names)
        with read_errors_of(self._place):
            fits = self._fits(sum(map(estimated_rows, self._paths)), names)
        return (load_csv if fits else spooled)(self._paths, target, features)

    @cached_property
    def _paths(self) -> list[Path]:
        with read_errors_of(self._place):
            return find_table_files(self._place, find_table_files(self._without) if self._without else ())

    @cached_property
    def _header(self) -> tuple[str, ...]:
        return header(self._paths[0])

    @cached_property
    def _footers(self) -> list[ParquetFile]:
        return [read_footer(path) for path in self._paths]

    def _fits(self, rows: int, names: Sequence[str]) -> bool:
        return rows * len(names) * NUMBER_BYTES <= self._memory_budget
