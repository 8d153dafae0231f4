"""Table counter: counts the rows of a table by the bins of a version's training rows, file by file."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from adapters.pyarrow.csv_files import UnfitNumbers, encoding_named
from adapters.pyarrow.read_errors import read_errors_of
from adapters.pyarrow.scoring.counted_cells import fitting_values
from adapters.pyarrow.scoring.feature_cells import FeatureCells, feature_cells
from adapters.pyarrow.scoring.file_predictor import PREDICTED_ROWS
from adapters.pyarrow.scoring.file_task import ScoringOptions, open_table_file
from adapters.pyarrow.scoring.table_file import TableBatch, TableFile
from adapters.pyarrow.scoring.table_progress import TableProgress
from adapters.pyarrow.table_files import find_table_files, partition_of
from domain.data.columns import MISSING_MARKERS
from domain.model.distributions import Distributions
from domain.model.linear_model import LinearModel
from domain.model.scoring import FileProgress
from domain.monitoring.table_counts import TableCounts, count_rows_by_bin
from domain.ports import TableCounter
from domain.ports.scoring import OnScored


class ArrowTableCounter(TableCounter):
    """The Parquet or CSV files at a place.

    Parameters
    ----------
    place : str
        A file, a directory, or a pattern such as ``data/**/*.parquet``.
    na : sequence of str, optional
        Texts of an empty cell; by default `MISSING_MARKERS`.
    encoding : str
        Of CSV files.

    Raises
    ------
    InvalidParameter
        If the encoding is unknown.
    """

    def __init__(self, place: str, na: Sequence[str] | None = None, encoding: str = "utf-8") -> None:
        self._place = place
        markers = ("", *(MISSING_MARKERS if na is None else na))
        self._options = ScoringOptions((), markers, encoding_named(encoding))

    def count(self, model: LinearModel, distributions: Distributions, on_progress: OnScored) -> TableCounts:
        """Return the counts of all files."""
        with read_errors_of(self._place):
            sources = find_table_files(self._place)
        files = [open_table_file(each, partition_of(each, self._place), model, self._options) for each in sources]
        counter = _FileCounter(model, distributions, feature_cells(model.encoding, self._options.markers))
        progress, total = TableProgress([file.rows for file in files], on_progress), TableCounts.none(distributions)
        for number, file in enumerate(files):
            counted = counter.count(file, partial(_report, progress, number))
            progress(FileProgress(number, counted.rows, is_complete=True))
            total += counted
        return total


def _report(progress: TableProgress, number: int, rows: int) -> None:
    progress(FileProgress(number, rows))


class _FileCounter:
    def __init__(self, model: LinearModel, distributions: Distributions, cells: list[FeatureCells]) -> None:
        self._model, self._distributions, self._cells = model, distributions, cells

    def count(self, file: TableFile, on_rows: Callable[[int], None]) -> TableCounts:
        """Return the counts of a file, whose cells are read as texts if a number is none."""
        try:
            return self._counted(file, on_rows)
        except UnfitNumbers:
            return self._counted(file.as_text(), on_rows)

    def _counted(self, file: TableFile, on_rows: Callable[[int], None]) -> TableCounts:
        total = TableCounts.none(self._distributions)
        for batch in file.batches():
            total += self._of_batch(batch)
            on_rows(total.rows)
        return total

    def _of_batch(self, batch: TableBatch) -> TableCounts:
        pairs = zip(self._cells, batch.features, strict=True)
        columns, misfits = zip(*(fitting_values(cells, feature) for cells, feature in pairs), strict=True)
        total = TableCounts.none(self._distributions)
        for start in range(0, len(columns[0]), PREDICTED_ROWS):
            rows = slice(start, start + PREDICTED_ROWS)
            values = np.column_stack([column[rows] for column in columns])
            are_misfits = np.column_stack([column[rows] for column in misfits])
            total += count_rows_by_bin(self._model, self._distributions, values, are_misfits)
        return total
