import numpy as np
import pytest

from domain.design_matrix import Columns, Matrix, Table, design_matrix
from domain.errors import BadRecord, FeatureNotFinite

NAMES = ("bmi", "bp")


@pytest.mark.parametrize(
    "rows",
    [
        [[0.1, 0.2], [3, 4]],
        [{"bmi": 0.1, "bp": 0.2}, {"bp": 4, "bmi": 3}],
        [(0.1, 0.2), {"bp": 4, "bmi": 3}],
    ],
)
def test_rows_are_put_in_the_order_of_the_model(rows):
    assert design_matrix(rows, NAMES).tolist() == [[0.1, 0.2], [3.0, 4.0]]


@pytest.mark.parametrize("rows", [[0.1, 2], [[0.1], [2]], [{"bmi": 0.1}, 2]])
def test_a_single_feature_needs_no_brackets(rows):
    assert design_matrix(rows, ("bmi",)).tolist() == [[0.1], [2.0]]


@pytest.mark.parametrize("forms", ["numbers", "lists", "names", "mixed"])
def test_many_rows_of_any_form_make_the_same_matrix(forms):
    values = np.random.default_rng(0).normal(size=500).tolist()
    rows = {
        "numbers": values,
        "lists": [[value] for value in values],
        "names": [{"bmi": value} for value in values],
        "mixed": [[value] if number % 2 else {"bmi": value} for number, value in enumerate(values)],
    }

    assert design_matrix(rows[forms], ("bmi",))[:, 0].tolist() == values


def test_rows_of_other_names_than_the_first_are_looked_at_one_by_one():
    with pytest.raises(BadRecord) as caught:
        design_matrix([{"bmi": 0.1, "bp": 0.2}, {"bmi": 0.1, "pb": 0.2}], NAMES)

    assert (caught.value.row, caught.value.field) == (1, "pb")


def test_no_rows_make_an_empty_matrix():
    assert design_matrix([], NAMES).shape == (0, 2)


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        ([0.1], None, "1 values, but the model takes 2 (bmi, bp)"),
        ([0.1, 0.2, 0.3], None, "3 values"),
        (0.1, None, "1 values"),
        ([], None, "0 values"),
        ({"bmi": 0.1}, "bp", "missing"),
        ({"bmi": 0.1, "bp": 0.2, "age": 3}, "age", "not a feature of the model, which takes bmi, bp"),
        ([0.1, np.inf], "bp", "not a finite number"),
        ({"bmi": np.nan, "bp": 0.1}, "bmi", "not a finite number"),
        ([0.1, -1.01e300], "bp", "larger than 1e+300 in magnitude"),
    ],
)
def test_row_that_does_not_fit_is_named(row, field, why):
    with pytest.raises(BadRecord) as caught:
        design_matrix([[0.1, 0.2], row], NAMES)

    assert (caught.value.row, caught.value.field) == (1, field)
    assert caught.value.why.startswith(why)


def test_matrix_of_the_model_is_taken_as_it_is():
    matrix = np.array([[0.1, 0.2], [3.0, 4.0]])

    assert design_matrix(Matrix(matrix), NAMES) is matrix
    assert design_matrix(Matrix(np.empty((0, 2))), NAMES).shape == (0, 2)


@pytest.mark.parametrize(
    ("matrix", "row", "field", "why"),
    [
        (np.ones((2, 3)), 0, None, "3 values, but the model takes 2 (bmi, bp)"),
        (np.empty((0, 1)), 0, None, "1 values"),
        (np.empty((5, 0)), 0, None, "0 values"),
        (np.array([[0, 0], [0, np.nan]]), 1, "bp", "not a finite number"),
        (np.array([[0, 0], [-np.inf, 0]]), 1, "bmi", "not a finite number"),
        (np.array([[0, 1e301], [np.inf, 0]]), 0, "bp", "larger than 1e+300 in magnitude"),
    ],
)
def test_matrix_that_does_not_fit_is_refused(matrix, row, field, why):
    with pytest.raises(BadRecord) as caught:
        design_matrix(Matrix(matrix), NAMES)

    assert (caught.value.row, caught.value.field) == (row, field)
    assert caught.value.why.startswith(why)


def test_columns_are_put_in_the_order_of_the_model():
    columns = {"bp": np.array([0.2, 4.0]), "bmi": np.array([0.1, 3.0])}

    assert design_matrix(Columns(columns), NAMES).tolist() == [[0.1, 0.2], [3.0, 4.0]]
    assert design_matrix(Columns({name: np.empty(0) for name in NAMES}), NAMES).shape == (0, 2)


@pytest.mark.parametrize(
    ("columns", "row", "field", "why"),
    [
        ({"bmi": [1.0]}, 0, "bp", "missing"),
        ({}, 0, "bmi", "missing"),
        ({"bmi": [1.0], "bp": [1.0], "age": [1.0]}, 0, "age", "not a feature of the model, which takes bmi, bp"),
        ({"bmi": [1.0, 2.0], "bp": [1.0, np.nan]}, 1, "bp", "not a finite number"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns, row, field, why):
    with pytest.raises(BadRecord) as caught:
        design_matrix(Columns({name: np.array(values) for name, values in columns.items()}), NAMES)

    assert (caught.value.row, caught.value.field) == (row, field)
    assert caught.value.why.startswith(why)


def test_columns_of_different_lengths_are_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="dimension"):
        design_matrix(Columns({"bmi": np.ones(2), "bp": np.ones(3)}), NAMES)


class Swapped(Table):
    def __init__(self, rows):
        self.rows = np.array(rows)

    def matrix(self, feature_names):
        assert feature_names == NAMES
        return self.rows[:, ::-1]


def test_table_says_itself_what_is_which_feature():
    assert design_matrix(Swapped([[0.2, 0.1], [4, 3]]), NAMES).tolist() == [[0.1, 0.2], [3.0, 4.0]]


def test_value_of_a_table_that_is_not_finite_is_named():
    with pytest.raises(FeatureNotFinite) as caught:
        design_matrix(Swapped([[1, 2], [np.inf, 3]]), NAMES)

    assert (caught.value.row, caught.value.field) == (1, "bp")
