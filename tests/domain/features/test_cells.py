import re
import unicodedata

import numpy as np
import pytest

from domain.data.text_formats import FORMATS
from domain.features.category_column import CategoryColumn
from domain.features.cells import MAX_POSITIONS, UnusableCellsError, to_values
from domain.features.datetime_column import DatetimeColumn
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline

NUMBER, BOOLEAN = NumberColumn("area"), NumberColumn("new", "boolean")
MONEY = NumberColumn("price", format=next(form for form in FORMATS if re.match(form.pattern, "$1,234.50")))
CITY = CategoryColumn("city", ("0150", "5003", "Bergen", "Ålesund"), pooled=("Moss",))
SOLD = DatetimeColumn("sold", 0.0, 0.0, Spline(0.0, 1.0))
PLACES = {level: float(place) for place, level in enumerate(CITY.column.levels)}
NAN = float("nan")
MAY = 1_714_521_600.0  # 2024-05-01T00:00 UTC


def values(column, cells):
    return to_values(column, cells, PLACES if column is CITY else {}).tolist()


def test_cells_become_the_numbers_of_a_block():
    for column, cells, expected in (
        (NUMBER, [1, 2.5, None, NAN], [1.0, 2.5, NAN, NAN]),
        (NUMBER, np.array([1, 2], dtype=np.int32), [1.0, 2.0]),
        (BOOLEAN, [True, False, None, 1, 0.0], [1.0, 0.0, NAN, 1.0, 0.0]),
        (BOOLEAN, np.array([True, False]), [1.0, 0.0]),
        (CITY, ["Moss", "Bergen", "Oslo", None, NAN], [4.0, 2.0, 5.0, NAN, NAN]),
        (CITY, [unicodedata.normalize("NFD", " Ålesund\t"), 5003, 5003.0, 150], [3.0, 1.0, 1.0, 5.0]),
        (SOLD, ["2024-05-01", "1970-01-01T00:00:01.5"], [MAY, 1.5]),
        (SOLD, ["2024-05-01T02:00:00+02:00", "2024-05-01 00:00Z ", None], [MAY, MAY, NAN]),
    ):
        np.testing.assert_array_equal(values(column, cells), expected)


def test_codes_that_a_data_frame_holds_as_numbers_have_their_zeros_again():
    postcodes = CategoryColumn("zip", ("0150", "5003"))

    found = to_values(postcodes, [150, 5003.0, "0150", 7, "150"], {"0150": 0.0, "5003": 1.0})

    assert found.tolist() == [0, 1, 0, 2, 2]


def test_cells_of_another_kind_are_located():
    for column, usable, others in (
        (NUMBER, 1, ("1", True, [1], 10**400)),
        (MONEY, "$1", ("1 $ or so", True, [1])),
        (BOOLEAN, True, ("true", 2, 0.5, [True])),
        (CITY, "Oslo", (True, 0.5, float("inf"), 10**5000, ["Oslo"], {})),
        (SOLD, "2024-05-01", ("", "May", "2024-13-01", "10000-01-01", "now", 2024, True, ["2024-05-01"])),
    ):
        for cell in others:
            with pytest.raises(UnusableCellsError) as caught:
                values(column, [usable, *[cell] * MAX_POSITIONS * 2])
            assert caught.value.positions == list(range(1, MAX_POSITIONS + 1)), cell


def test_moment_has_the_same_seconds_alone_and_among_others():
    texts = ["6800-01-27T14:48:17.571571", "9999-12-31T23:59:59.999999"]

    assert values(SOLD, texts) == [values(SOLD, [f"{text}Z"])[0] for text in texts]
