import numpy as np
import pytest

from adapters.tables.csv_source import CsvSource
from domain.errors import BadCell, BadData, UnreadableData
from tests.diabetes import DATA, DIABETES


@pytest.fixture
def source(tmp_path):
    def write(data: bytes | str) -> CsvSource:
        path = tmp_path / "table.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return CsvSource(path)

    return write


def test_diabetes_data_are_read_as_they_are():
    source = CsvSource(DATA)

    table = source.load("progression", DIABETES.train.feature_names)

    assert source.columns() == (*DIABETES.train.feature_names, "progression")
    assert np.array_equal(table.features, np.vstack([DIABETES.train.features, DIABETES.test.features]))
    assert len(table) == 442


def test_numbers_are_read_to_the_last_bit(source):
    numbers = ["0.1", "1e-320", "-1.7976931348623157e+149", "3.141592653589793", "7"]

    table = source("x,y\n" + "\n".join(f"{number},1" for number in numbers)).load("y", ("x",))

    assert table.features[:, 0].tolist() == [float(number) for number in numbers]


def test_columns_come_in_the_order_asked_for(source):
    table = source("a,b,y\n1,2,3\n4,5,6\n").load("y", ("b", "a"))

    assert table.features.tolist() == [[2, 1], [5, 4]]
    assert table.target.tolist() == [3, 6]


def test_columns_not_asked_for_may_hold_anything(source):
    assert len(source("name,a,y\nAda,1,2\n,3,4\n").load("y", ("a",))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "a,y\r\n1,2\r\n3,4\r\n",
        "\ufeffa,y\n1,2\n3,4\n",
        '"a","y"\n"1","2"\n 3, 4\n',
        "a,y\n1,2\n\n3,4",
    ],
    ids=["windows", "byte order mark", "quotes and spaces", "blank line"],
)
def test_usual_dialects_are_read(source, text):
    table = source(text).load("y", ("a",))

    assert (table.features.tolist(), table.target.tolist()) == ([[1], [3]], [2, 4])


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("abc", "'abc' is not a number"),
        ("", "the cell is empty"),
        ("1_000", "'1_000' is not a number"),
        ('"1,5"', "'1,5' is not a number"),
        ("NaN", "nan is not a finite number"),
        ("inf", "inf is not a finite number"),
        ("1e999", "inf is not a finite number"),
        ("1e200", "too large"),
        ("TRUE", "'TRUE' is not a number"),
        ("x" * 500, "'xxxxx"),
    ],
)
def test_unusable_cell_is_named_by_row_and_column(source, cell, why):
    with pytest.raises(BadCell) as caught:
        source(f"a,b,y\n1,2,3\n4,{cell},6\n7,8,9\n").load("y", ("a", "b"))

    assert (caught.value.row, caught.value.column) == (2, "b")
    assert why in caught.value.why
    assert len(str(caught.value)) < 120


def test_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(UnreadableData, match=r"nowhere\.csv: no such file"):
        CsvSource(tmp_path / "nowhere.csv").columns()


def test_directory_is_not_a_table(tmp_path):
    with pytest.raises(UnreadableData, match="directory"):
        CsvSource(tmp_path).columns()


@pytest.mark.parametrize("junk", [b"\x89PNG\r\n\x1a\n\x00\xff\xfe", b"\xff\xfea\x00,\x00y\x00"])
def test_file_that_is_no_text_is_refused(source, junk):
    with pytest.raises(UnreadableData):
        source(junk).columns()


def test_empty_file_is_told_what_it_lacks(source):
    with pytest.raises(UnreadableData, match="first line must name the columns"):
        source("").columns()


def test_column_without_a_name_is_refused(source):
    with pytest.raises(UnreadableData, match="column 1 has no name"):
        source(",a,y\n0,1,2\n").columns()


def test_duplicate_column_names_are_refused(source):
    with pytest.raises(BadData, match="'a'"):
        source("a,b,a\n1,2,3\n").columns()


@pytest.mark.parametrize("name", ["b\x1b]0;pwned\x07", "\x9b31m", "a\u2028b", "a\u202eb"])
def test_column_name_with_a_control_character_is_refused(source, name):
    with pytest.raises(BadData, match="rename it") as caught:
        source(f"a,{name},y\n1,2,3\n").load("y", ("a", name))

    assert name not in str(caught.value)


@pytest.mark.parametrize(("target", "features"), [("price", ("a",)), ("y", ("a", "size"))])
def test_unknown_column_is_named_with_those_there_are(source, target, features):
    with pytest.raises(BadData, match="the columns are a, y"):
        source("a,y\n1,2\n").load(target, features)


@pytest.mark.parametrize("text", ["a,b,y\n1,2,3\n4,5\n", "a,b,y\n1,2,3\n4,5,6,7\n"])
def test_row_of_another_length_is_refused(source, text):
    with pytest.raises(UnreadableData, match="Expected 3 columns"):
        source(text).load("y", ("a", "b"))


def test_header_alone_is_a_table_without_rows(source):
    assert len(source("a,y\n").load("y", ("a",))) == 0
