import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.data.text_formats import FORMATS
from domain.features.category_column import CategoryColumn
from domain.features.cells import MAX_POSITIONS, UnusableCellsError, to_value, to_values
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
        (NUMBER, [np.float64(1), np.int64(0), Decimal("2.5"), Decimal(1), None], [1.0, 0.0, 2.5, 1.0, NAN]),
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
        (NUMBER, Decimal(1), ("1", True, np.False_, [1], 10**400)),
        (MONEY, "$1", ("1 $ or so", True, [1])),
        (BOOLEAN, True, ("true", 2, 0.5, [True])),
        (CITY, "Oslo", (True, 0.5, float("inf"), 10**5000, ["Oslo"], {})),
        (SOLD, "2024-05-01", ("", "May", "2024-13-01", "10000-01-01", "now", 2024, True, ["2024-05-01"])),
    ):
        for cell in others:
            with pytest.raises(UnusableCellsError) as caught:
                values(column, [usable, *[cell] * MAX_POSITIONS * 2])
            assert caught.value.positions == list(range(1, MAX_POSITIONS + 1)), cell


ZONES = st.none() | st.sampled_from((UTC, timezone(timedelta(hours=2)), timezone(timedelta(minutes=-90))))
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)
SPELLINGS = (
    "%Y-%m-%d",
    "%Y%m%d",
    "%G-W%V-%u",
    "%Y-%m-%dT%H",
    "%Y-%m-%d %H:%M",
    "%Y%m%dT%H%M%S",
    "%Y-%m-%dX%H:%M:%S,%f",
    "%Y-%m-%dT%H:%M:%S.%f0000000000000",
    "%Y-%m-%d %H%M%S",
    "%Y-%m-%dT%H%M%S.%f",
    "%Y%m%d0%H%M",
)


@st.composite
def moment_texts(draw):
    """Draw texts of moments, mostly of one spelling, and empty cells."""
    spelling, usual = draw(st.sampled_from((*SPELLINGS, ""))), draw(MOMENTS)
    moments = [moment.replace(tzinfo=usual.tzinfo) for moment in draw(st.lists(MOMENTS, max_size=6))]
    texts = [usual.isoformat(), *(moment.strftime(spelling) if spelling else str(moment) for moment in moments)]
    # `strftime` leaves out the zeros of an early year.
    texts = [text for text in texts if re.match(r"\d{4}(\D|\d{4}(\D|$|0\d{4}$))", text)]
    return [draw(st.sampled_from((text, text, text, None))) for text in texts[draw(st.integers(0, 1)) :]]


@given(moment_texts())
def test_moments_have_the_seconds_that_the_standard_library_reads(texts):
    def seconds(text):
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return float((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)) / 1e6

    np.testing.assert_array_equal(values(SOLD, texts), [NAN if text is None else seconds(text) for text in texts])


def outcome(convert, *given):
    """Return the value, or the positions of the error and what it expects."""
    try:
        return convert(*given)
    except UnusableCellsError as error:
        return error.positions, error.expected


def test_a_cell_has_the_same_value_alone():
    numbers = (1, 0, 2.5, np.float64(1), Decimal(5), 5003, 5003.0, 10**400)
    cells = (*numbers, None, NAN, True, np.True_, "1", "$1,234.50", "Moss", " Bergen", "Oslo", [])
    for column in (NUMBER, MONEY, BOOLEAN, CITY, SOLD):
        places = PLACES if column is CITY else {}
        for cell in (*cells, "2024-05-01", "2024-05-01T02:00+02:00", " 2024-05-01", "20240501", "2024-13-01"):
            alone = outcome(to_value, column, cell, places)

            np.testing.assert_equal(outcome(lambda *given: to_values(*given).item(), column, [cell], places), alone)


def test_moment_has_the_same_seconds_alone_and_among_others():
    texts = ["6800-01-27T14:48:17.571571", "9999-12-31T23:59:59.999999"]

    assert values(SOLD, texts) == [values(SOLD, [f"{text}Z"])[0] for text in texts]
