import numpy as np
import pytest

from domain.data.columns import Column
from domain.features.category_column import CategoryColumn
from domain.features.cells import to_cell
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.model.example_cells import example_rows, training_range
from domain.model.reference_predictions import ReferencePredictions

DAY = 86_400.0
AREA = NumberColumn("area", fill=80.0, has_gaps=True, spline=Spline(12.0, 340.0), low=12.0, high=340.0)
NEW = NumberColumn("new", "boolean", fill=1.0)
CITY = CategoryColumn("city", ("Bergen", "Oslo"), ("Å",))
SOLD = DatetimeColumn.fit(Column("sold", "datetime"), np.array([0.0, 1.5, 2 * DAY]), 0)
ENCODING = Encoding((AREA, NEW, CITY, SOLD))


def test_example_rows_are_reference_rows_but_not_their_mean():
    rows = [[1.0, False, "Å", "1970-01-01"], [120.0, True, "Oslo", "1970-01-02"], [80.5, False, "Å", None]]

    assert example_rows(ENCODING, ReferencePredictions(rows, [0.0] * 3)) == (rows[1], rows[2])


def test_example_rows_are_typical_where_there_are_no_reference_rows():
    for reference in (None, ReferencePredictions([[0.0] * 4], [0.0])):
        median = "1970-01-01T00:00:01.500000Z"
        assert example_rows(ENCODING, reference) == ([80.0, True, "Bergen", median], [80.0, True, "Oslo", median])
    few = Encoding(
        (NumberColumn("x"), NumberColumn("n", "boolean"), CategoryColumn("a", ("b",)), CategoryColumn("c", ()))
    )
    assert example_rows(few, None) == ([0.2, False, "b", "(other)"], [0.5, False, "b", "(other)"])


def test_empty_cell_is_null():
    assert [to_cell(column, np.nan) for column in ENCODING.columns] == [None] * 4


@pytest.mark.parametrize(("seconds", "text"), [(-1e30, "0001-01-01"), (1e30, "9999-12-31T23:59:59Z")])
def test_moment_beyond_the_calendar_is_its_end(seconds, text):
    assert to_cell(SOLD, seconds) == text


def test_training_range_is_that_of_numbers_and_moments():
    assert [training_range(column) for column in ENCODING.columns] == [
        (12.0, 340.0),
        None,
        None,
        ("1970-01-01", "1970-01-03"),
    ]
