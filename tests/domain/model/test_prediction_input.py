import numpy as np
import pytest

from domain.model.errors import InvalidRow
from domain.model.prediction_input import ColumnInput, MatrixInput, PredictionInput, design_matrix

NAMES = ("bmi", "bp")


class Swapped(PredictionInput):
    """A table of a form of its own."""

    def __init__(self, rows):
        self.rows = np.array(rows)

    def matrix(self, feature_names):
        assert feature_names == NAMES
        return self.rows[:, ::-1]


@pytest.mark.parametrize(
    "rows",
    [
        [[0.1, 0.2], [3, 4]],
        [{"bmi": 0.1, "bp": 0.2}, {"bp": 4, "bmi": 3}],
        [(0.1, 0.2), {"bp": 4, "bmi": 3}],
        ColumnInput({"bp": np.array([0.2, 4.0]), "bmi": np.array([0.1, 3.0])}),
        Swapped([[0.2, 0.1], [4, 3]]),
    ],
)
def test_rows_of_any_form_are_put_in_the_order_of_the_model(rows):
    assert design_matrix(rows, NAMES).tolist() == [[0.1, 0.2], [3.0, 4.0]]


def test_matrix_of_the_model_is_taken_as_it_is():
    matrix = np.array([[0.1, 0.2], [3.0, 4.0]])

    assert design_matrix(MatrixInput(matrix), NAMES) is matrix


@pytest.mark.parametrize(
    "rows", [[], MatrixInput(np.empty((0, 2))), ColumnInput({name: np.empty(0) for name in NAMES})]
)
def test_no_rows_make_an_empty_matrix(rows):
    assert design_matrix(rows, NAMES).shape == (0, 2)


@pytest.mark.parametrize("form", ["numbers", "lists", "names", "mixed"])
def test_many_rows_of_a_single_feature_need_no_brackets(form):
    values = np.random.default_rng(0).normal(size=500).tolist()
    rows = {
        "numbers": values,
        "lists": [[value] for value in values],
        "names": [{"bmi": value} for value in values],
        "mixed": [([value], {"bmi": value}, value)[number % 3] for number, value in enumerate(values)],
    }

    assert design_matrix(rows[form], ("bmi",))[:, 0].tolist() == values


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        ([0.1], None, "1 values, but the model takes 2 (bmi, bp)"),
        ([0.1, 0.2, 0.3], None, "3 values"),
        (0.1, None, "1 values"),
        ([], None, "0 values"),
        ({"bmi": 0.1}, "bp", "missing"),
        ({"bmi": 0.1, "bp": 0.2, "age": 3}, "age", "not a feature of the model, which takes bmi, bp"),
        ({"bmi": 0.1, "pb": 0.2}, "pb", "not a feature"),
        ([0.1, np.inf], "bp", "not a finite number"),
        ({"bmi": np.nan, "bp": 0.1}, "bmi", "not a finite number"),
        ([0.1, -1.01e300], "bp", "larger than 1e+300 in magnitude"),
    ],
)
def test_row_that_does_not_fit_is_named(row, field, why):
    for first in ([0.1, 0.2], {"bmi": 0.1, "bp": 0.2}):
        with pytest.raises(InvalidRow) as caught:
            design_matrix([first, row], NAMES)

        assert (caught.value.row, caught.value.field) == (1, field)
        assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    ("table", "row", "field", "why"),
    [
        (MatrixInput(np.ones((2, 3))), 0, None, "3 values, but the model takes 2 (bmi, bp)"),
        (MatrixInput(np.empty((0, 1))), 0, None, "1 values"),
        (MatrixInput(np.empty((5, 0))), 0, None, "0 values"),
        (MatrixInput(np.array([[0, 0], [-np.inf, 0]])), 1, "bmi", "not a finite number"),
        (MatrixInput(np.array([[0, 1e301], [np.inf, 0]])), 0, "bp", "larger than 1e+300 in magnitude"),
        (ColumnInput({"bmi": np.ones(1)}), 0, "bp", "missing"),
        (ColumnInput({}), 0, "bmi", "missing"),
        (ColumnInput(dict.fromkeys((*NAMES, "age"), np.ones(1))), 0, "age", "not a feature of the model"),
        (ColumnInput({"bmi": np.ones(2), "bp": np.array([1, np.nan])}), 1, "bp", "not a finite number"),
        (Swapped([[1, 2], [np.inf, 3]]), 1, "bp", "not a finite number"),
    ],
)
def test_table_that_does_not_fit_is_refused(table, row, field, why):
    with pytest.raises(InvalidRow) as caught:
        design_matrix(table, NAMES)

    assert (caught.value.row, caught.value.field) == (row, field)
    assert caught.value.why.startswith(why)


def test_columns_of_different_lengths_are_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="dimension"):
        design_matrix(ColumnInput({"bmi": np.ones(2), "bp": np.ones(3)}), NAMES)
