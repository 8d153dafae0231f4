import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from adapters.memory.dataset_source import InMemorySource
from adapters.pyarrow.parquet_rows import ParquetRows
from adapters.pyarrow.table_files import find_table_files
from adapters.pyarrow.table_path import TablePath
from adapters.pyarrow.table_source import TableSource
from domain.data.dataset import Dataset
from domain.data.errors import InvalidData, UnreadableData, UnusableColumns
from domain.errors import InvalidParameter
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
    assert grows_in_proportion(*(loading(tmp_path / str(count), writer, budget, count) for count in (100, TIMES * 100)))


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


@pytest.mark.parametrize("budget", [NOTHING, PLENTY])
@pytest.mark.parametrize("writer", WRITERS)
def test_columns_in_the_names_of_directories_are_read(tmp_path, writer, budget):
    for year in (2024, 2025):
        directory = tmp_path / f"year={year}" / "kind=old"
        directory.mkdir(parents=True)
        WRITERS[writer](directory, TABLE, 2)

    rows = TableSource(str(tmp_path), budget).load("y").rows

    assert rows.feature_names == ("a", "b", "year", "kind")
    assert (rows.columns[2].kind, rows.columns[3].levels) == ("number", ("old",))
    assert collected(rows)[:, 2].tolist() == [2024] * 4 + [2025] * 4


@pytest.mark.parametrize("budget", [NOTHING, PLENTY])
@pytest.mark.parametrize("suffix", WRITERS)
def test_names_matter_only_where_their_columns_are_used(tmp_path, suffix, budget):
    names = [" area ", "n", "n", "", "\x1b[31m", "y", "b" * 501, "gro\u0308ße"]
    write = {"csv": csv.write_csv, "parquet": parquet.write_table}[suffix]
    write(pa.table([np.arange(8.0)] * len(names), names=names), tmp_path / f"table.{suffix}")
    source = TableSource(str(tmp_path), budget)

    table = source.load("y")

    assert table.rows.feature_names == ("area", "größe")
    assert {left_out.name for left_out in table.left_out} == {"n", "", "\x1b[31m", "b" * 501}
    assert ("'area', 'größe'" in table.notes[0], len(table.notes)) == (True, 1)
    assert source.load("y", [" area "]).rows.feature_names == ("area",)
    with pytest.raises(UnusableColumns) as caught:
        source.load("y", ["area", "n", "\x1b[31m"])
    assert caught.value.reasons.keys() == {"n", "\x1b[31m"}
    assert "\x1b" not in str(caught.value)
    for name, similar in (("Area", "area"), ("grosse", "größe")):
        with pytest.raises(InvalidData, match=f"no column '{name}'; did you mean '{similar}'"):
            source.load("y", [name])


def test_index_of_a_data_frame_is_no_feature_unless_it_is_named(tmp_path):
    described = json.dumps({"index_columns": ["when", {"kind": "range"}]})
    columns = {"when": np.arange(4.0), "__index_level_0__": np.arange(4.0), "a": np.arange(4.0), "y": np.arange(4.0)}
    parquet.write_table(pa.table(columns).replace_schema_metadata({"pandas": described}), tmp_path / "t.parquet")
    source = TableSource(str(tmp_path), PLENTY)

    table = source.load("y")

    assert table.rows.feature_names == ("a",)
    assert [left_out.name for left_out in table.left_out] == ["when", "__index_level_0__"]
    assert source.load("y", ["when"]).rows.feature_names == ("when",)


def test_first_line_of_numbers_and_unknown_encodings_are_refused(tmp_path):
    (tmp_path / "table.csv").write_text("1,2\n3,4\n")

    with pytest.raises(UnreadableData, match="first line must name the columns"):
        TableSource(str(tmp_path), PLENTY).load("y")
    with pytest.raises(InvalidParameter, match="latin-99"):
        TableSource(str(tmp_path), PLENTY, encoding="latin-99")
    (tmp_path / "table.csv").write_bytes(b"a,y\n1,2\n\xf8,4\n")
    with pytest.raises(UnreadableData, match="--encoding"):
        TableSource(str(tmp_path), PLENTY, encoding="ascii").load("y")


@pytest.mark.parametrize("writer", WRITERS)
def test_place_is_searched_once_and_each_header_is_read_once(tmp_path, writer, mocker):
    WRITERS[writer](tmp_path, TABLE, 2)
    module = "adapters.pyarrow.table_source"
    # The edges are the file system's: how often it is asked is the cost of a table on a slow mount.
    search = mocker.patch(f"{module}.find_table_files", autospec=True, side_effect=find_table_files)
    opened = mocker.patch.object(TablePath, "open", autospec=True, side_effect=TablePath.open)
    source = TableSource(str(tmp_path), PLENTY)

    source.columns()
    source.load("y", ("a", "b"))

    assert search.call_count == 1
    assert opened.call_count <= 2 * len(list(tmp_path.iterdir()))  # header and estimate, or footer
