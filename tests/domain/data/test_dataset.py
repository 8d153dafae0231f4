"""Tables in memory: types, shapes and names; the contract of all rows is in `tests/contracts/rows.py`."""

import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.data.errors import InvalidCell, InvalidData
from tests.support.examples import a_table


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_floats_are_viewed_without_a_copy_and_cannot_be_written_to(kind):
    features, target = np.ones((3, 1), kind), np.array([1.0, 2.0, 3.0], kind)

    table = Dataset(features, target, ("x",), "y")

    assert np.shares_memory(table.features, features)
    assert table.features.dtype == kind
    assert features.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        table.target[0] = 5


def test_other_numbers_become_double():
    table = Dataset([[1], [2]], np.array([3, 4], np.int8), ("x",), "y")

    assert (table.features.dtype, table.target.dtype) == (np.float64, np.float64)
    assert table.target.tolist() == [3, 4]


def test_values_that_are_not_numbers_are_refused():
    for values in (["1", "2"], [1 + 2j, 3], np.array(["2026-01-01", "2026-01-02"], "datetime64[s]")):
        with pytest.raises(ValueError, match="does not hold numbers"):
            Dataset(np.ones((2, 1)), values, ("x",), "y")


def test_masked_cell_is_unusable():
    with pytest.raises(InvalidCell) as caught:
        Dataset(np.ma.masked_values([[1.0, 2.0], [-9999.0, 3.0]], -9999), [1, 2], ("a", "b"), "price")
    assert (caught.value.row, caught.value.column) == (2, "a")


def test_names_that_a_model_cannot_carry_are_refused():
    for names in (("a", "a", "y"), ("a", "y", "y"), ("a", "b\x1b", "y")):
        with pytest.raises(InvalidData):
            Dataset([[1, 2], [3, 4]], [1, 2], names[:-1], names[-1])


def test_shapes_that_do_not_match_the_names_are_a_programming_error():
    for features, target, names in (
        ([[1.0]], [1.0, 2.0], ("a",)),
        ([[1.0], [2.0]], [1.0, 2.0], ("a", "b")),
        ([[1.0]], [[1.0]], ("a",)),
    ):
        with pytest.raises(ValueError, match="do not make a table"):
            Dataset(features, target, names, "y")


def test_fingerprint_is_that_of_names_and_values_in_any_type():
    table = Dataset([[0.0], [1.5]], [3.0, 4.0], ("a",), "y")

    for same in (
        Dataset(np.array([[0.0], [1.5]], np.float32), [3, 4], ("a",), "y"),
        Dataset([[-0.0], [1.5]], [3, 4], ("a",), "y"),
    ):
        assert same.fingerprint == table.fingerprint
    for other in (
        Dataset([[0.0], [1.5]], [3.0, 4.0], ("b",), "y"),
        Dataset([[0.0], [1.5]], [3.0, 4.0], ("a",), "z"),
        Dataset([[1.5], [0.0]], [3.0, 4.0], ("a",), "y"),
        Dataset([[0.0], [np.nextafter(1.5, 2)]], [3.0, 4.0], ("a",), "y"),
    ):
        assert other.fingerprint != table.fingerprint


def test_blocks_are_views():
    table = a_table(rows=103)

    blocks = list(table.blocks(25))

    assert [len(block.target) for block in blocks] == [25, 25, 25, 25, 3]
    assert all(np.shares_memory(block.features, table.features) for block in blocks)


def test_sample_has_one_row_of_each_part():
    table = Dataset(np.arange(1000.0).reshape(1000, 1), np.arange(1000.0), ("x",), "y")

    assert (table.sample(100, seed=3).target // 10).tolist() == list(range(100))
