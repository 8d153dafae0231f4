import numpy as np
import pytest

from domain.errors import BadCell
from domain.usable_numbers import refuse_unusable, suits_single_precision

NAMES = ("a", "b", "y")


def numbers(rows=200_000):
    random = np.random.default_rng(0)
    return random.normal(size=(rows, 2)), random.normal(size=rows)


@pytest.mark.parametrize("order", ["C", "F", "strided", "reversed"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e151])
@pytest.mark.parametrize("row", [0, 65_535, 65_536, 199_999])
def test_the_one_bad_cell_among_many_is_found_whatever_the_layout(order, bad, row):
    features, target = numbers()
    features[row, 1] = bad
    layouts = {
        "C": features,
        "F": np.asfortranarray(features),
        "strided": np.repeat(features, 2, axis=1)[:, ::2],
        "reversed": features[::-1][::-1],
    }

    with pytest.raises(BadCell) as caught:
        refuse_unusable(layouts[order], target, NAMES)

    assert (caught.value.row, caught.value.column) == (row + 1, "b")


def test_first_bad_row_is_named_with_its_number_in_its_file():
    features, target = numbers(10)
    features[7, 0], target[4] = np.nan, np.inf

    with pytest.raises(BadCell, match=r"part.parquet, row 1005, column 'y': inf is not a finite number"):
        refuse_unusable(features, target, NAMES, row_numbers=range(1000, 1010), place="part.parquet")


def test_large_numbers_whose_squares_still_add_up_are_usable():
    features, target = numbers(1000)

    assert refuse_unusable(features * 1e149, target * 1e149, NAMES) is None


def test_single_precision_numbers_whose_squares_overflow_are_usable():
    features, target = (values.astype(np.float32) for values in numbers(1000))

    assert refuse_unusable(features * np.float32(1e30), target, NAMES) is None


@pytest.mark.parametrize(("scale", "suits"), [(0, True), (1, True), (1e15, False), (1e-15, False), (1e-30, False)])
def test_single_precision_suits_numbers_that_can_be_squared_in_it(scale, suits):
    features, _ = numbers(1000)

    assert suits_single_precision((features * scale).astype(np.float32)) is suits


def test_column_of_tiny_numbers_is_refused_wherever_its_largest_is():
    features, target = numbers(1000)
    features[:, 0] = 0
    features[900, 0] = 1e-200

    with pytest.raises(BadCell, match="row 901, column 'a': 1e-200 is the largest value and too small"):
        refuse_unusable(features, target, NAMES)


def test_tiny_numbers_beside_others_are_usable():
    features, target = numbers(1000)
    features[:900, 0] = 1e-300

    assert refuse_unusable(features, target, NAMES) is None


def test_no_rows_are_nothing_to_refuse():
    assert refuse_unusable(np.zeros((0, 2)), np.zeros(0), NAMES) is None
