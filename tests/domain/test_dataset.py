import numpy as np
import pytest

from domain.dataset import Dataset
from domain.errors import BadCell, BadData
from tests.examples import a_table


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_floats_are_viewed_without_a_copy_and_cannot_be_written_to(kind):
    features, target = np.ones((3, 1), kind), np.array([1.0, 2.0, 3.0], kind)

    table = Dataset(features, target, ("x",), "y")

    assert np.shares_memory(table.features, features)
    assert table.features.dtype == kind
    assert features.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        table.target[0] = 5


@pytest.mark.parametrize("scale", [1e20, 1e-20])
def test_single_precision_numbers_that_cannot_be_squared_become_double(scale):
    table = Dataset(np.full((3, 1), scale, np.float32), np.arange(3.0, dtype=np.float32), ("x",), "y")

    assert (table.features.dtype, table.target.dtype) == (np.float64, np.float64)


def test_masked_cell_is_no_number():
    features = np.ma.masked_values([[1.0, 2.0], [-9999.0, 3.0]], -9999)

    with pytest.raises(BadCell, match="row 2, column 'a'"):
        Dataset(features, [1, 2], ("a", "b"), "y")


@pytest.mark.parametrize("values", [["1", "2"], [1 + 2j, 3], np.array(["2026-01-01", "2026-01-02"], "datetime64[s]")])
def test_what_is_no_number_is_refused(values):
    with pytest.raises(ValueError, match="does not hold numbers"):
        Dataset(np.ones((2, 1)), values, ("x",), "y")


def test_thousands_of_columns_are_checked_in_no_time():
    names = tuple(f"x{column}" for column in range(20_000))

    with pytest.raises(BadData):
        Dataset(np.ones((1, 20_001)), [1], (*names, "x7"), "y")


def test_other_numbers_become_float64():
    table = Dataset([[1], [2]], np.array([3, 4], np.int8), ("x",), "y")

    assert (table.features.dtype, table.target.dtype) == (np.float64, np.float64)
    assert table.target.tolist() == [3, 4]


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
    with pytest.raises(BadData):
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


def test_blocks_are_views_of_every_row_once_in_order():
    table = a_table(rows=103)

    blocks = list(table.blocks(25))

    assert [len(block.target) for block in blocks] == [25, 25, 25, 25, 3]
    assert np.array_equal(np.vstack([block.features for block in blocks]), table.features)
    assert all(np.shares_memory(block.features, table.features) for block in blocks)


def test_blocks_come_in_another_order_from_another_seed_and_lose_no_row():
    table = a_table(rows=103)

    orders = [
        np.concatenate([block.target for block in table.blocks(10, np.random.default_rng(seed))]) for seed in (1, 1, 2)
    ]

    assert np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])
    assert sorted(orders[2]) == sorted(table.target)


def test_sample_has_one_row_of_each_part_in_order():
    table = Dataset(np.arange(1000.0).reshape(1000, 1), np.arange(1000.0), ("x",), "y")

    sample = table.sample(100, seed=3)

    assert (sample.target // 10).tolist() == list(range(100))
    assert np.array_equal(sample.target, table.sample(100, seed=3).target)
    assert not np.array_equal(sample.target, table.sample(100, seed=4).target)


def test_sample_of_more_rows_than_there_are_is_the_table():
    table = a_table(rows=5)

    assert table.sample(5, seed=0) is table


def test_constant_target_is_its_value_and_none_if_it_varies():
    assert Dataset([[1], [2]], [7, 7], ("x",), "y").constant_target() == 7
    assert a_table().constant_target() is None


def test_fingerprint_of_single_precision_is_that_of_the_same_numbers():
    table = Dataset([[1.5], [2.5]], [1, 2], ("x",), "y")
    single = Dataset(np.array([[1.5], [2.5]], np.float32), [1, 2], ("x",), "y")

    assert single.fingerprint == table.fingerprint
