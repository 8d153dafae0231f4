from pathlib import Path

import numpy as np
import pytest

from adapters.memory.dataset_source import InMemorySource
from adapters.pyarrow.parquet_rows import ParquetRows
from adapters.pyarrow.table_files import find_table_files
from adapters.pyarrow.table_source import TableSource
from domain.data.dataset import Dataset
from domain.data.errors import UnusableColumns
from tests.contracts.dataset_source import MIXED, TABLE, DatasetSourceContract
from tests.contracts.rows import a_long_table, collected, whole
from tests.support.tables import csv_files, parquet_files
from tests.support.work import TIMES, grows_in_proportion

NOTHING, PLENTY = 0, 1024**3
WRITERS = {"parquet": parquet_files, "csv": csv_files}


class TestMemorySource(DatasetSourceContract):
    @pytest.fixture
    def source(self):
        return InMemorySource(TABLE)

    @pytest.fixture
    def mixed(self):
        return InMemorySource(MIXED)


@pytest.mark.parametrize("budget", [NOTHING, PLENTY])
@pytest.mark.parametrize("files", [1, 2])
@pytest.mark.parametrize("writer", WRITERS)
class TestTableSource(DatasetSourceContract):
    @pytest.fixture
    def source(self, tmp_path, writer, files, budget):
        WRITERS[writer](tmp_path, TABLE, files)
        return TableSource(str(tmp_path), budget)

    @pytest.fixture
    def mixed(self, tmp_path, writer, files, budget):
        WRITERS[writer](tmp_path, MIXED, files)
        return TableSource(str(tmp_path), budget)


@pytest.mark.parametrize("files", [1, 3])
@pytest.mark.parametrize("writer", WRITERS)
def test_table_is_loaded_if_it_fits_and_read_as_a_stream_if_not(tmp_path, writer, files):
    table = a_long_table(1000)
    WRITERS[writer](tmp_path, table, files)
    needed = 1000 * 4 * 8  # bytes; a CSV's rows are estimated

    fits, streams = (
        TableSource(str(tmp_path), budget).load("y", table.feature_names).rows
        for budget in (needed * 1.2, needed * 0.8)
    )

    assert isinstance(fits, Dataset)
    assert isinstance(streams, ParquetRows)
    assert np.array_equal(whole(fits), whole(table))
    assert np.array_equal(collected(streams), whole(table))
    # Only the columns that are asked for count.
    assert isinstance(TableSource(str(tmp_path), needed * 0.6).load("y", ("a",)).rows, Dataset)


@pytest.mark.parametrize("writer", WRITERS)
def test_held_out_files_are_not_learned_from(tmp_path, writer):
    table = a_long_table(1000)
    WRITERS[writer](tmp_path, table, 4)
    held_out = f"{tmp_path}/part-3.*"

    train = TableSource(str(tmp_path), PLENTY, held_out).load("y", ("row",)).rows
    test = TableSource(held_out, PLENTY).load("y", ("row",)).rows

    assert train.features[:, 0].tolist() == list(range(750))
    assert test.features[:, 0].tolist() == list(range(750, 1000))


@pytest.mark.parametrize("budget", [NOTHING, PLENTY])
@pytest.mark.parametrize("writer", WRITERS)
def test_work_grows_in_proportion_to_the_columns(tmp_path, writer, budget):
    assert grows_in_proportion(*(loading(tmp_path / str(count), writer, budget, count) for count in (250, TIMES * 250)))


def loading(directory, writer, budget, columns):
    """Return a step that loads two files of so many columns."""
    directory.mkdir()
    names = tuple(f"x{number}" for number in range(columns))
    WRITERS[writer](directory, Dataset(np.ones((2, columns)), np.arange(2.0), names, "y"), 2)
    return lambda: TableSource(str(directory), budget).load("y", names).rows


def test_further_csv_file_without_a_column_is_named_before_any_is_read(tmp_path):
    for name, text in (("1.csv", "a,y\n1,bad\n"), ("2.csv", "b,y\n1,2\n")):
        (tmp_path / name).write_text(text)

    for budget in (NOTHING, PLENTY):
        with pytest.raises(UnusableColumns, match=r"'a' is missing in .*2\.csv"):
            TableSource(str(tmp_path), budget).load("y", ("a",))


@pytest.mark.parametrize("writer", WRITERS)
def test_place_is_searched_once_and_each_header_is_read_once(tmp_path, writer, mocker):
    WRITERS[writer](tmp_path, TABLE, 2)
    module = "adapters.pyarrow.table_source"
    # The edges are the file system's: how often it is asked is the cost of a table on a slow mount.
    search = mocker.patch(f"{module}.find_table_files", autospec=True, side_effect=find_table_files)
    opened = mocker.patch.object(Path, "open", autospec=True, side_effect=Path.open)
    source = TableSource(str(tmp_path), PLENTY)

    source.columns()
    source.load("y", ("a", "b"))

    assert search.call_count == 1
    assert opened.call_count <= 2 * len(list(tmp_path.iterdir()))  # header and estimate, or footer
