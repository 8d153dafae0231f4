"""A table from one CSV file, with every unusable cell named by row and column."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from adapters.tables.csv_dialect import PARSE, convert_options, header, refuse_text
from adapters.tables.number_columns import refuse_empty
from adapters.tables.unreadable import unreadable_as
from domain.column_names import refuse_unknown
from domain.dataset import Dataset, FloatArray
from domain.ports import DatasetSource


class CsvSource(DatasetSource):
    """A CSV file with a header, commas between cells, and numbers in the columns that are asked for.

    Columns that are not asked for may hold anything.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def columns(self) -> tuple[str, ...]:
        """Return the header's names."""
        return header(self._path)

    def load(self, target: str, features: Sequence[str]) -> Dataset:
        """Return the columns as numbers, all in memory; rows in the order of the file."""
        wanted = [*features, target]
        refuse_unknown(wanted, self.columns())
        table = self._read(wanted)
        values = [_numbers(table.column(name), name) for name in wanted]
        return Dataset(np.column_stack([np.empty((len(table), 0)), *values[:-1]]), values[-1], tuple(features), target)

    def _read(self, wanted: Sequence[str]) -> pa.Table:
        with unreadable_as(str(self._path)):
            try:
                return arrow_csv.read_csv(
                    self._path, parse_options=PARSE, convert_options=convert_options(wanted, pa.float64())
                )
            except pa.ArrowInvalid:
                refuse_text(self._path, wanted)
                raise


def _numbers(column: pa.ChunkedArray, name: str) -> FloatArray:
    refuse_empty(column, name, first=0, place="")
    numbers: FloatArray = column.to_numpy()
    return numbers
