"""CSV files: dialects, lines of errors, and files that are no CSV."""

import gzip

import numpy as np
import pytest

from adapters.pyarrow import csv_files as module
from adapters.pyarrow.table_source import TableSource
from domain.data.errors import InvalidCell, InvalidData, UnreadableData
from tests.support.diabetes import DATA, DIABETES

NOTHING, PLENTY = 0, 1024**3


@pytest.fixture
def file(tmp_path):
    def write(data: bytes | str, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def loaded(place, features=None, budget=PLENTY, **options):
    return TableSource(str(place), budget, **options).load("y", features)


def test_diabetes_data_are_read_as_they_are():
    table = TableSource(str(DATA), PLENTY).load("progression").rows

    assert table.feature_names == DIABETES.train.feature_names
    assert np.array_equal(table.features, np.vstack([DIABETES.train.features, DIABETES.test.features]))
    assert len(table) == 442


def test_numbers_are_read_to_the_last_bit_in_batches_of_any_size(file, monkeypatch):
    monkeypatch.setattr(module, "SURVEYED_BYTES", 128)
    monkeypatch.setattr(module, "READ_BYTES", 64)
    numbers = ["0.1", "1e-320", "-1.7976931348623157e+149", "3.141592653589793", "7"] * 3

    table = loaded(file("x,y\n" + "\n".join(f"{number},1" for number in numbers))).rows

    assert table.features[:, 0].tolist() == [float(number) for number in numbers]


def test_usual_dialects_are_read(file):
    for text in (
        "a,y\r\n1,2\r\n3,4\r\n",
        "a,y\r1,2\r3,4",
        "\ufeffa,y\n1,2\n3,4\n",
        '"a","y"\n"1","2"\n 3, 4\n',
        " a , y\n1,2\n\n3,4",
        "\n\na;y\n1,0;2\n3,0;4\n",
        "sep=|\na|y\n1|2\n3|4\n",
        "a\ty\n1\t2\n3\t4\n",
        'name,a,y\n"Ada\nB",1,2\n,3,4\n',
        gzip.compress(b"a,y\n1,2\n3,4\n"),
        "a,y\n1,2\n3,4\n".encode("utf-16"),
    ):
        encoding = "utf-16" if isinstance(text, bytes) and text[:2] == b"\xff\xfe" else "utf-8"
        table = loaded(file(text), ("a",), encoding=encoding).rows

        assert (table.features.tolist(), table.target.tolist()) == ([[1], [3]], [2, 4]), text


def test_number_that_is_too_large_is_shown_as_it_is_written_with_its_line(file):
    first = file("a,b,y\n1,2,3\n", "first.csv")
    for cell in ("1e400", "Infinity", "-1e200"):
        second = file(f'a,b,y\n1,2,3\n\n"4",{cell},6\n7,8,9\n')
        for budget in (NOTHING, PLENTY):
            with pytest.raises(InvalidCell) as caught:
                loaded(first.parent, budget=budget)

            assert (caught.value.place, caught.value.unit, caught.value.row) == (str(second), "line", 4)
            assert (caught.value.column, f"'{cell}'" in caught.value.why) == ("b", True)


def test_first_line_that_does_not_name_the_columns_is_refused(file):
    for text, why in (
        ("", "name the columns"),
        ("# houses\na,y\n1,2\n3,4\n", "not a header"),
        (" a   y\n1.5   2\n 3    4\n", "separated by blanks"),
    ):
        with pytest.raises(UnreadableData, match=why):
            loaded(file(text))


def test_file_of_another_format_is_called_by_its_name(file):
    for first, name in (
        (b"PK\x03\x04\x14\x00[Content_Types].xml", "Excel"),
        (b"PK\x03\x04\x14\x00prices.csv", "zip"),
        (b"ARROW1\x00\x00", "Feather"),
        (b"\xff\xfea\x00,\x00y\x00", "UTF-16"),
        (b'[{"a": 1, "y": 2}]', "JSON"),
        (b"<!DOCTYPE html><html>", "HTML"),
    ):
        with pytest.raises(UnreadableData, match=name):
            loaded(file(first))


def test_path_without_a_file_is_refused(tmp_path):
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(UnreadableData, match=path.name):
            loaded(path)


def test_row_of_the_wrong_length_is_named_by_its_line(file):
    file("a,b,y\n1,2,3\n", "first.csv")
    for row, cells in (("4,5", 2), ("4,5,6,7", 4)):
        file(f"a,b,y\n1,2,3\n\n{row}\n")
        with pytest.raises(
            UnreadableData, match=rf"table\.csv: line 4, '{row}', has {cells} cells, and the header has 3"
        ):
            loaded(file("a,b,y\n1,2,3\n", "first.csv").parent)


def test_files_without_rows_are_passed_over(file):
    empty = file("a,y\n", "empty.csv")

    with pytest.raises(InvalidData, match="'y' has no values"):
        loaded(empty)
    file("a,y\n1,2\n")
    assert loaded(empty.parent).rows.features.tolist() == [[1]]
