import numpy as np
import pytest

from domain.model.errors import FeatureNotFinite, FeatureOutOfRange, InvalidRow, MissingFeature, UnknownFeature
from domain.model.prediction_input import ColumnInput, MatrixInput, PredictionInput, design_matrix

NAMES = ("bmi", "bp")


class Swapped(PredictionInput):
    """A table with a form of its own."""

    def __init__(self, rows):
        self.rows = np.array(rows)

    def matrix(self, feature_names):
        assert feature_names == NAMES
        return self.rows[:, ::-1]


def test_rows_of_any_form_are_put_in_the_order_of_the_model():
    for rows in (
        [[0.1, 0.2], [3, 4]],
        [{"bmi": 0.1, "bp": 0.2}, {"bp": 4, "bmi": 3}],
        [(0.1, 0.2), {"bp": 4, "bmi": 3}],
        ColumnInput({"bp": np.array([0.2, 4.0]), "bmi": np.array([0.1, 3.0])}),
        Swapped([[0.2, 0.1], [4, 3]]),
    ):
        assert design_matrix(rows, NAMES).tolist() == [[0.1, 0.2], [3.0, 4.0]]
    matrix = np.array([[0.1, 0.2], [3.0, 4.0]])
    assert design_matrix(MatrixInput(matrix), NAMES) is matrix


def test_no_rows_make_an_empty_matrix():
    for rows in ([], MatrixInput(np.empty((0, 2))), ColumnInput({name: np.empty(0) for name in NAMES})):
        assert design_matrix(rows, NAMES).shape == (0, 2)


def test_many_rows_of_a_single_feature_need_no_brackets():
    values = np.random.default_rng(0).normal(size=500).tolist()

    for rows in (
        values,
        [[value] for value in values],
        [{"bmi": value} for value in values],
        [([value], {"bmi": value}, value)[number % 3] for number, value in enumerate(values)],
    ):
        assert design_matrix(rows, ("bmi",))[:, 0].tolist() == values


def test_first_row_that_does_not_fit_is_located():
    for row, field, error in (
        *(([0.1] * count, None, InvalidRow) for count in (0, 1, 3)),
        (0.1, None, InvalidRow),
        ({"bmi": 0.1}, "bp", MissingFeature),
        ({"bmi": 0.1, "bp": 0.2, "age": 3}, "age", UnknownFeature),
        ({"bmi": 0.1, "pb": 0.2}, "pb", UnknownFeature),
        ([0.1, np.inf], "bp", FeatureNotFinite),
        ({"bmi": np.nan, "bp": 0.1}, "bmi", FeatureNotFinite),
        ([0.1, -1.01e300], "bp", FeatureOutOfRange),
    ):
        for first in ([0.1, 0.2], {"bmi": 0.1, "bp": 0.2}):
            with pytest.raises(error) as caught:
                design_matrix([first, row], NAMES)
            assert (type(caught.value), caught.value.row, caught.value.field) == (error, 1, field)


def test_first_value_of_a_table_that_does_not_fit_is_located():
    for table, row, field, error in (
        *((MatrixInput(np.ones((rows, columns))), 0, None, InvalidRow) for rows, columns in ((2, 3), (0, 1), (5, 0))),
        (MatrixInput(np.array([[0, 0], [-np.inf, 0]])), 1, "bmi", FeatureNotFinite),
        (MatrixInput(np.array([[0, 1e301], [np.inf, 0]])), 0, "bp", FeatureOutOfRange),
        (ColumnInput({"bmi": np.ones(1)}), 0, "bp", MissingFeature),
        (ColumnInput({}), 0, "bmi", MissingFeature),
        (ColumnInput(dict.fromkeys((*NAMES, "age"), np.ones(1))), 0, "age", UnknownFeature),
        (ColumnInput({"bmi": np.ones(2), "bp": np.array([1, np.nan])}), 1, "bp", FeatureNotFinite),
        (Swapped([[1, 2], [np.inf, 3]]), 1, "bp", FeatureNotFinite),
    ):
        with pytest.raises(error) as caught:
            design_matrix(table, NAMES)
        assert (type(caught.value), caught.value.row, caught.value.field) == (error, row, field)


def test_columns_of_different_lengths_are_a_programming_mistake():
    with pytest.raises(ValueError, match="dimension"):
        design_matrix(ColumnInput({"bmi": np.ones(2), "bp": np.ones(3)}), NAMES)
