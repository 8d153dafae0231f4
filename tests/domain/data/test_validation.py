import numpy as np
import pytest

from domain.data.columns import to_columns
from domain.data.errors import InvalidCell
from domain.data.validation import validate_cells, validate_table

COLUMNS = to_columns(("a", "b", "y"))


def numbers(rows=200_000):
    random = np.random.default_rng(0)
    return random.normal(size=(rows, 2)), random.normal(size=rows)


def test_single_bad_cell_is_found_in_every_layout():
    features, target = numbers()
    layouts = (features, np.asfortranarray(features), np.repeat(features, 2, axis=1)[:, ::2], features[::-1][::-1])
    for spoilt in layouts:
        for row, bad in ((0, np.nan), (65_535, np.inf), (65_536, -np.inf), (199_999, 1e151)):
            before, spoilt[row, 1] = spoilt[row, 1], bad
            with pytest.raises(InvalidCell) as caught:
                validate_table(spoilt, target, COLUMNS)
            spoilt[row, 1] = before
            assert (caught.value.row, caught.value.column) == (row + 1, "b")


def test_first_bad_row_is_named_with_its_number_in_its_file():
    features, target = numbers(10)
    features[7, 0], target[4] = np.nan, np.inf

    with pytest.raises(InvalidCell) as caught:
        validate_cells(features, target, COLUMNS, row_numbers=range(1000, 1010), place="part.parquet")
    assert (caught.value.place, caught.value.row, caught.value.column) == ("part.parquet", 1005, "y")


def test_column_of_tiny_numbers_is_refused_at_its_largest():
    features, target = numbers(1000)
    features[:, 0] = 0
    features[900, 0] = -1e-200

    with pytest.raises(InvalidCell) as caught:
        validate_table(features, target, COLUMNS)
    assert (caught.value.row, caught.value.column) == (901, "a")


def test_numbers_whose_squares_add_up_are_usable_and_so_are_no_rows():
    features, target = numbers(1000)
    tiny_at_first = features.copy()
    tiny_at_first[:900, 0] = 1e-300

    for rows in (features, features * 1e149, features.astype(np.float32) * np.float32(1e30), tiny_at_first):
        assert validate_table(rows, target, COLUMNS) is None
    assert validate_table(np.zeros((0, 2)), np.zeros(0), COLUMNS) is None
