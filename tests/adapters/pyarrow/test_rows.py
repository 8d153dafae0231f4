"""The contract of rows, for tables in memory, in Parquet files of any cut, and in CSV files that are spooled."""

import numpy as np
import pytest

from adapters.pyarrow import parquet_rows
from domain.data.dataset import Dataset
from domain.data.pieces import PiecewiseRows
from tests.contracts.rows import ROWS, RowsContract
from tests.support.pieces import RoundsHere, in_pieces
from tests.support.tables import csv_files, parquet_files, read, spooled

FILES = 4


@pytest.fixture
def folder(tmp_path):
    """Return a function that makes a new directory at each call."""
    made = iter(range(100))

    def new():
        path = tmp_path / f"table-{next(made)}"
        path.mkdir()
        return path

    return new


class InFiles(RowsContract):
    def row_in_its_file(self, row):
        return row - (FILES - 1) * ROWS // FILES


class TestDataset(RowsContract):
    @pytest.fixture
    def build(self):
        return lambda table: Dataset(table.features, table.target, table.columns, table.target_name)


class TestChosenRows(RowsContract):
    """Every other row of a table, whose rows are there twice."""

    @pytest.fixture
    def build(self):
        def build(table):
            features, target = (np.repeat(values, 2, axis=0) for values in (table.features, table.target))
            twice = Dataset(features, target, table.columns, table.target_name)
            return twice.parts(lambda first, count, total: np.arange(first, first + count) % 2 == 1)[0]

        return build

    def row_in_its_file(self, row):
        return 2 * row - 1


class TestPiecewiseRows(RowsContract):
    """Four pieces of a table in memory, one of them empty."""

    @pytest.fixture
    def build(self):
        def build(table):
            checked = Dataset(table.features, table.target, table.columns, table.target_name)
            return in_pieces(checked, [10, 10, len(table) // 2])

        return build


class TestParquetRows(RowsContract):
    """One file with a single row group."""

    @pytest.fixture
    def build(self, folder):
        return lambda table: read(parquet_files(folder(), table), features=table.feature_names)


class TestParquetRowsOfManyFiles(InFiles):
    """Row groups of 100 rows in four files, decoded in pieces that fit neither."""

    @pytest.fixture
    def build(self, folder, monkeypatch):
        monkeypatch.setattr(parquet_rows, "DECODED_VALUES", 4 * 333)
        monkeypatch.setattr(parquet_rows, "SAMPLED_VALUES", 4 * 4000)
        monkeypatch.setattr("adapters.pyarrow.parquet_files.ROW_GROUP_RUN_ROWS", 450)
        return lambda table: read(parquet_files(folder(), table, FILES, 100), features=table.feature_names)


class TestPiecesOfParquetRows(InFiles):
    """Pieces of about 300 rows of four files, which end in the middle of files."""

    @pytest.fixture
    def build(self, folder, monkeypatch):
        monkeypatch.setattr(parquet_rows, "MIN_PIECE_ROWS", 300)
        monkeypatch.setattr("adapters.pyarrow.parquet_files.ROW_GROUP_RUN_ROWS", 100)

        def build(table):
            rows = read(parquet_files(folder(), table, FILES, 70), features=table.feature_names)
            return PiecewiseRows(rows, RoundsHere())

        return build


class TestSpooledCsv(InFiles):
    def row_in_its_file(self, row):
        return super().row_in_its_file(row) + 1  # a line: the first one is the header

    @pytest.fixture
    def build(self, folder):
        return lambda table: spooled(csv_files(folder(), table, FILES), "y", table.feature_names)
