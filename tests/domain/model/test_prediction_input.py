import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.features.encoding import Encoding
from domain.model.errors import (
    FeatureNotFinite,
    FeatureOutOfRange,
    InvalidRow,
    MissingFeature,
    UnknownFeature,
    WrongKind,
)
from domain.model.prediction_input import ColumnInput, MatrixInput, PredictionInput, input_part, input_values, part_of
from tests.support.mixed_tables import TARGET, example_encoding, mixed_tables

NAMES = ("bmi", "bp")
PLAIN = Encoding.of_numbers(NAMES)


class Swapped(PredictionInput):
    """A table with a form of its own."""

    def __init__(self, rows):
        self.rows = np.array(rows)

    def values(self, encoding):
        assert encoding is PLAIN
        return self.rows[:, ::-1]

    def part(self, rows, place):
        return Swapped(self.rows[part_of(len(self.rows), rows, place)])


def test_rows_of_any_form_are_put_in_the_order_of_the_model():
    for rows in (
        [[0.1, 0.2], [3, 4]],
        [{"bmi": 0.1, "bp": 0.2}, {"bp": 4, "bmi": 3}],
        [(0.1, 0.2), {"bp": 4, "bmi": 3}],
        ColumnInput({"bp": np.array([0.2, 4.0]), "bmi": np.array([0.1, 3.0])}),
        Swapped([[0.2, 0.1], [4, 3]]),
    ):
        assert input_values(rows, PLAIN).tolist() == [[0.1, 0.2], [3.0, 4.0]]
    matrix = np.array([[0.1, 0.2], [3.0, 4.0]])
    assert input_values(MatrixInput(matrix), PLAIN) is matrix


def test_part_of_rows_in_any_form_is_the_same_and_keeps_nothing_of_the_others():
    matrix = np.arange(20.0).reshape(10, 2)
    for rows in (
        matrix.tolist(),
        MatrixInput(matrix),
        ColumnInput({"bp": matrix[:, 1], "bmi": matrix[:, 0].tolist()}),
        Swapped(matrix[:, ::-1]),
    ):
        for place, first in ((0.0, 0), (0.5, 4), (0.999, 7)):
            part = input_part(rows, 3, place)
            assert input_values(part, PLAIN).tolist() == matrix[first : first + 3].tolist()
        assert input_values(input_part(rows, 64, 0.999), PLAIN).tolist() == matrix.tolist()
    assert input_part(MatrixInput(matrix), 3, 0.5).matrix.base is None
    assert input_part(ColumnInput({"bp": matrix[:, 1]}), 3, 0.5).by_name["bp"].base is None


def test_no_rows_make_an_empty_matrix():
    for rows in ([], MatrixInput(np.empty((0, 2))), ColumnInput({name: np.empty(0) for name in NAMES})):
        assert input_values(rows, PLAIN).shape == (0, 2)


def test_many_rows_of_a_single_feature_need_no_brackets():
    values = np.random.default_rng(0).normal(size=500).tolist()

    for rows in (
        values,
        [[value] for value in values],
        [{"bmi": value} for value in values],
        [([value], {"bmi": value}, value)[number % 3] for number, value in enumerate(values)],
    ):
        assert input_values(rows, Encoding.of_numbers(("bmi",)))[:, 0].tolist() == values


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
                input_values([first, row], PLAIN)
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
            input_values(table, PLAIN)
        assert (type(caught.value), caught.value.row, caught.value.field) == (error, row, field)


def test_columns_of_different_lengths_are_a_programming_mistake():
    with pytest.raises(ValueError, match="dimension"):
        input_values(ColumnInput({"bmi": np.ones(2), "bp": np.ones(3)}), PLAIN)


@given(mixed_tables(), st.randoms())
def test_cells_of_any_form_have_the_same_values_to_the_bit(table, random):
    encoding, rows = table
    names, cells = encoding.feature_names, np.array(rows, dtype=object).reshape(len(rows), -1)
    backwards = [dict(reversed(list(zip(names, row, strict=True)))) for row in rows]
    sparse = [{name: cell for name, cell in row.items() if cell is not None} | {TARGET: 1.0} for row in backwards]

    expected = np.concatenate([input_values([row], encoding) for row in rows])

    for form in (
        rows,
        [dict(zip(names, row, strict=True)) for row in rows],
        backwards,
        sparse,
        [random.choice(forms) for forms in zip(rows, backwards, sparse, strict=True)],
        [row[0] for row in rows] if len(names) == 1 else rows,
        MatrixInput(cells),
        ColumnInput(dict(zip(names, cells.T.tolist(), strict=True))),
    ):
        np.testing.assert_array_equal(input_values(form, encoding), expected)


def test_first_cell_that_does_not_fit_a_column_is_located():
    encoding = example_encoding()
    usable = dict(zip(encoding.feature_names, (None, True, "Oslo", "2024-05-01"), strict=True))
    for changed, field, error in (
        ({"new": None}, "new", MissingFeature),
        ({"area": 1e301}, "area", FeatureOutOfRange),
        ({"area": float("inf")}, "area", FeatureNotFinite),
        ({"area": "80"}, "area", WrongKind),
        ({"age": 3}, "age", UnknownFeature),
    ):
        row = usable | changed
        columns = {name: [usable.get(name, 0), cell] for name, cell in row.items()}
        for number, form in ((1, [usable, row]), (0 if error is UnknownFeature else 1, ColumnInput(columns))):
            with pytest.raises(error) as caught:
                input_values(form, encoding)
            assert (type(caught.value), caught.value.row, caught.value.field) == (error, number, field)


def test_feature_that_may_be_empty_may_lack_its_column():
    columns = {"sold": ["2024-05-01"] * 2, "new": [True, False]}

    values = input_values(ColumnInput(columns), example_encoding())

    assert np.isnan(values).tolist() == [[True, False, True, False]] * 2
    with pytest.raises(MissingFeature):
        input_values(ColumnInput({}), example_encoding())
