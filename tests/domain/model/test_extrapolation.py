import numpy as np
import pytest

from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.extrapolation import MAX_LOOPED_COLUMNS, extrapolations


@pytest.mark.parametrize("columns", [1, MAX_LOOPED_COLUMNS + 1])
def test_values_at_the_limits_and_empty_cells_are_usual_alone_and_among_others(columns):
    encoding = Encoding(tuple(NumberColumn(f"x{place}", low=-1.0, high=2.0) for place in range(columns)))
    usual, found = np.array([-1.0, 2.0, np.nan]), np.array([-1.1, 2.0, 2.1])
    rows = np.zeros((3, columns))

    for last, outside in ((usual, {}), (found, {f"x{columns - 1}": [True, False, True]})):
        rows[:, -1] = last
        alone = [bool(extrapolations(encoding, rows[place : place + 1])) for place in range(3)]
        among = {name: mask.tolist() for name, mask in extrapolations(encoding, rows).items()}
        assert among == outside
        assert alone == outside.get(f"x{columns - 1}", [False] * 3)


def test_column_without_a_range_has_no_unusual_value_and_dates_of_training_rows_are_usual():
    random = np.random.default_rng(0)

    for _ in range(100):
        seconds = random.uniform(0, 2e9, size=5)
        date = DatetimeColumn.fit(DatetimeColumn("day", 0.0, 0.0, None).column, seconds, 2)
        values = np.column_stack([seconds, np.full(5, 1e300)])
        assert extrapolations(Encoding((date, NumberColumn("x"))), values) == {}
