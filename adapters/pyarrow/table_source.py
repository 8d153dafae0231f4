"""Table source: the tables at a place, loaded into memory if they fit, else read as a stream."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from adapters.pyarrow.csv_files import CsvFile, encoding_named, open_csv
from adapters.pyarrow.csv_loading import csv_table
from adapters.pyarrow.parquet_files import ParquetFile, read_footer
from adapters.pyarrow.parquet_table import parquet_table
from adapters.pyarrow.read_errors import read_errors_of
from adapters.pyarrow.request import request_of
from adapters.pyarrow.table_files import find_table_files, is_parquet, partition_of, read_each
from adapters.pyarrow.table_path import TablePath
from domain.data.columns import MISSING_MARKERS, Kind
from domain.data.errors import UnreadableData
from domain.data.table import Table
from domain.ports import DatasetSource

# Bytes of a float64.
NUMBER_BYTES = 8


class TableSource(DatasetSource):
    """The Parquet or CSV files at a place, which is searched once, and whose headers and footers are read once.

    Parameters
    ----------
    place : str
        A file, a directory, or a pattern such as ``data/**/*.parquet``, also in an object store, as in
        ``s3://bucket/year=*/*.parquet``.
    memory_budget : int
        Bytes of a table that is loaded as a whole, at most.
    without : str, optional
        A place whose files do not belong to the table, because they are held out.
    na : sequence of str, optional
        Texts of an empty cell; by default `MISSING_MARKERS`. A cell of blanks is always empty.
    encoding : str
        Encoding of CSV files.
    parquet_only : bool
        Whether CSV files raise `UnreadableData`, because the workers of a cluster read parts of the files.

    Raises
    ------
    InvalidParameter
        If the encoding is unknown, or if the place is in an unknown store or holds credentials.
    """

    def __init__(
        self,
        place: str,
        memory_budget: int,
        without: str | None = None,
        *,
        na: Sequence[str] | None = None,
        encoding: str = "utf-8",
        parquet_only: bool = False,
    ) -> None:
        self._place, self._memory_budget, self._without = str(TablePath(place)), memory_budget, without
        self._parquet_only = parquet_only
        self._markers = ["", *(MISSING_MARKERS if na is None else na)]
        self._encoding = encoding_named(encoding)

    def columns(self) -> tuple[str, ...]:
        """Return the names of the first file's columns, without blanks at their ends."""
        return tuple(field.name for field in (self._parquet_files or self._csv_files)[0].fields)

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
        files = self._parquet_files or self._csv_files
        request = request_of(files, target, features, exclude, kinds)
        fits = sum(file.rows for file in files) * len(request.names) * NUMBER_BYTES <= self._memory_budget
        if self._parquet_files:
            return parquet_table(self._parquet_files, request, self._markers, fits)
        return csv_table(self._csv_files, request, self._markers, fits)

    @cached_property
    def _paths(self) -> list[TablePath]:
        with read_errors_of(self._place):
            return find_table_files(self._place, find_table_files(self._without) if self._without else ())

    @cached_property
    def _parquet_files(self) -> list[ParquetFile]:
        paths = self._paths if is_parquet(self._paths[0]) else []
        return read_each(
            paths,
            lambda path: read_footer(path, partition=partition_of(path, self._place)),
            is_remote=TablePath(self._place).is_remote,
        )

    @cached_property
    def _csv_files(self) -> list[CsvFile]:
        paths = [] if is_parquet(self._paths[0]) else self._paths
        if paths and self._parquet_only:
            raise UnreadableData(self._place, "a cluster reads Parquet files only, and these are CSV: convert them")
        return read_each(
            paths,
            lambda path: open_csv(path, self._encoding, partition_of(path, self._place)),
            is_remote=TablePath(self._place).is_remote,
        )
