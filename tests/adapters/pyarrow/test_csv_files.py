import numpy as np
import pytest

from adapters.pyarrow import csv_files as module
from adapters.pyarrow.csv_files import header, load_csv
from domain.data.errors import InvalidCell, InvalidData, UnreadableData
from tests.support.diabetes import DATA, DIABETES


@pytest.fixture
def file(tmp_path):
    def write(data: bytes | str, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def test_diabetes_data_are_read_as_they_are():
    table = load_csv([DATA], "progression", DIABETES.train.feature_names)

    assert header(DATA) == (*DIABETES.train.feature_names, "progression")
    assert np.array_equal(table.features, np.vstack([DIABETES.train.features, DIABETES.test.features]))
    assert len(table) == 442


def test_numbers_are_read_to_the_last_bit_in_batches_of_any_size(file, monkeypatch):
    monkeypatch.setattr(module, "READ_BYTES", 64)
    numbers = ["0.1", "1e-320", "-1.7976931348623157e+149", "3.141592653589793", "7"] * 3

    table = load_csv([file("x,y\n" + "\n".join(f"{number},1" for number in numbers))], "y", ("x",))

    assert table.features[:, 0].tolist() == [float(number) for number in numbers]


def test_usual_dialects_are_read(file):
    for text in (
        "a,y\r\n1,2\r\n3,4\r\n",
        "\ufeffa,y\n1,2\n3,4\n",
        '"a","y"\n"1","2"\n 3, 4\n',
        "a,y\n1,2\n\n3,4",
        'name,a,y\n"Ada\nB",1,2\n,3,4\n',
    ):
        table = load_csv([file(text)], "y", ("a",))

        assert (table.features.tolist(), table.target.tolist()) == ([[1], [3]], [2, 4]), text


def test_unusable_cell_is_named_by_file_row_and_column(file):
    first = file("a,b,y\n1,2,3\n", "first.csv")
    texts = {cell: repr(cell.strip('"'))[:20] for cell in ("abc", "1_000", '"1,5"', "\u0663", "TRUE", "x" * 500)}
    for cell, why in {**texts, "": "empty", "NaN": "nan", "inf": "inf", "1e999": "inf", "1e200": "1e+200"}.items():
        second = file(f"a,b,y\n1,2,3\n4,{cell},6\n7,8,9\n")
        with pytest.raises(InvalidCell) as caught:
            load_csv([first, second], "y", ("a", "b"))

        assert (caught.value.place, caught.value.row, caught.value.column) == (str(second), 2, "b")
        assert why in caught.value.why
        assert len(str(caught.value)) < 120 + len(str(second))


def test_header_that_does_not_name_columns_is_refused(file):
    for data, why in (
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "codec can't decode"),
        (b"\xff\xfea\x00,\x00y\x00", "codec can't decode"),
        ("", "name the columns"),
        (",a,y\n0,1,2\n", "column 1 "),
        ("a,b,a\n1,2,3\n", "'a'"),
    ):
        with pytest.raises(InvalidData, match=why):
            header(file(data))


def test_path_without_a_file_is_refused(tmp_path):
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(UnreadableData, match=path.name):
            header(path)


def test_row_of_the_wrong_length_is_named(file):
    for row, cells in (("4,5", 2), ("4,5,6,7", 4)):
        with pytest.raises(UnreadableData, match=rf"table\.csv: .*Row #3: Expected 3 columns, got {cells}"):
            load_csv([file("a,b,y\n1,2,3\n", "first.csv"), file(f"a,b,y\n1,2,3\n{row}\n")], "y", ("a", "b"))


def test_files_without_rows_are_passed_over(file):
    empty = file("a,y\n", "empty.csv")

    assert len(load_csv([empty], "y", ("a",))) == 0
    assert load_csv([empty, file("a,y\n1,2\n")], "y", ("a",)).features.tolist() == [[1]]
