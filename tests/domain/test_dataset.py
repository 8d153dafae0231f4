import numpy as np
import pytest

from domain.dataset import Dataset
from domain.errors import BadCell, DuplicateColumn, UnknownColumn
from tests.examples import a_table


def test_arrays_are_copied_in_and_read_only():
    features, target = np.ones((3, 1)), np.array([1.0, 2.0, 3.0])

    table = Dataset(features, target, ("x",), "y")
    features[0, 0] = 99

    assert table.features[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        table.target[0] = 5


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_non_finite_cell_is_named_by_row_and_column(bad):
    with pytest.raises(BadCell, match="row 2, column 'b'"):
        Dataset([[1, 2], [3, bad]], [1, 2], ("a", "b"), "y")


def test_non_finite_target_is_named():
    with pytest.raises(BadCell) as caught:
        Dataset([[1], [2], [3]], [1, 2, np.nan], ("a",), "price")

    assert (caught.value.row, caught.value.column) == (3, "price")


def test_number_too_large_to_square_is_refused():
    with pytest.raises(BadCell, match="too large to square"):
        Dataset([[1.0], [2.0]], [1.0, 1e200], ("a",), "y")


@pytest.mark.parametrize(("names", "target"), [(("a", "a"), "y"), (("a", "y"), "y")])
def test_repeated_name_is_refused(names, target):
    with pytest.raises(DuplicateColumn):
        Dataset([[1, 2], [3, 4]], [1, 2], names, target)


@pytest.mark.parametrize(
    ("features", "target", "names"),
    [
        ([[1.0]], [1.0, 2.0], ("a",)),
        ([[1.0], [2.0]], [1.0, 2.0], ("a", "b")),
        ([1.0, 2.0], [1.0, 2.0], ("a",)),
        ([[1.0]], [[1.0]], ("a",)),
    ],
)
def test_shapes_that_do_not_fit_are_a_mistake_of_the_program(features, target, names):
    with pytest.raises(ValueError, match="do not make a table"):
        Dataset(features, target, names, "y")


def test_select_reorders_columns_by_name():
    table = a_table(features=3)

    chosen = table.select(("x2", "x0"))

    assert chosen.feature_names == ("x2", "x0")
    assert np.array_equal(chosen.features, table.features[:, [2, 0]])
    assert np.array_equal(chosen.target, table.target)


def test_select_names_the_column_it_does_not_have():
    with pytest.raises(UnknownColumn) as caught:
        a_table().select(("x0", "price"))

    assert (caught.value.column, caught.value.known) == ("price", ("x0", "x1"))


def test_length_is_the_number_of_rows():
    assert len(a_table(rows=17)) == 17


def test_fingerprint_is_that_of_names_and_values():
    table = Dataset([[1.0], [2.0]], [3.0, 4.0], ("a",), "y")

    assert table.fingerprint == Dataset(np.array([[1], [2]]), [3, 4], ("a",), "y").fingerprint
    assert len(table.fingerprint) == 64
    for other in (
        Dataset([[1.0], [2.0]], [3.0, 4.0], ("b",), "y"),
        Dataset([[1.0], [2.0]], [3.0, 4.0], ("a",), "z"),
        Dataset([[2.0], [1.0]], [3.0, 4.0], ("a",), "y"),
        Dataset([[1.0], [np.nextafter(2, 3)]], [3.0, 4.0], ("a",), "y"),
    ):
        assert other.fingerprint != table.fingerprint


def test_fingerprint_takes_negative_zero_for_zero():
    assert Dataset([[0.0]], [1.0], ("a",), "y").fingerprint == Dataset([[-0.0]], [1.0], ("a",), "y").fingerprint
