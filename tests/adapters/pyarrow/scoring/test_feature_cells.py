"""Feature cells: every type of a table gives the values that a request gives for the same cells."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from adapters.pyarrow.scoring.feature_cells import FeatureCells, MisfitError
from domain.data.columns import MISSING_MARKERS
from domain.data.text_formats import FORMATS
from domain.features.category_column import CategoryColumn
from domain.features.cells import to_values
from domain.features.datetime_column import DatetimeColumn
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline

NUMBER, BOOLEAN = NumberColumn("a", has_gaps=True), NumberColumn("a", "boolean")
CODES = CategoryColumn("a", ("0150", "5003"))
CITY = CategoryColumn("a", ("NA", "Oslo", "True", "Ålesund"))
SOLD = DatetimeColumn("a", 0.0, 0.0, Spline(0.0, 1.0, ()))
DIGITS = DatetimeColumn("a", 0.0, 0.0, Spline(0.0, 1.0, ()), format=FORMATS[-1])
MOMENTS = [datetime(1901, 5, 1, 10, 0, 0, 123457, UTC), None, datetime(2024, 2, 29, tzinfo=UTC)]
ISO = [moment and moment.isoformat() for moment in MOMENTS]
NANOSECONDS = pa.array([1_714_557_600_123_456_789, None, -1], pa.int64()).cast(pa.timestamp("ns"))


def values(column, cells):
    places = {level: float(place) for place, level in enumerate(column.column.levels)}
    markers = pa.array([marker for marker in ("", *MISSING_MARKERS) if marker not in places])
    return FeatureCells(column, places, markers).values(cells)


@pytest.mark.parametrize(
    ("column", "cells", "as_json"),
    [
        (NUMBER, pa.array([1.1, None, np.nan], pa.float32()), [float(np.float32(1.1)), None, None]),
        (NUMBER, pa.array([1, None, 2**62 + 1]), [1, None, 2**62 + 1]),
        (NUMBER, pa.array([2**64 - 1], pa.uint64()), [2**64 - 1]),
        (NUMBER, pa.array([Decimal("0.1"), None], pa.decimal128(20, 18)), [0.1, None]),
        (NUMBER, pa.array([1.5, None, 1.5]).dictionary_encode(), [1.5, None, 1.5]),
        (NUMBER, pa.array([True, None, False]), [1.0, None, 0.0]),
        (NUMBER, pa.array([" 1.5", "", "NA", "1e3", None]), [1.5, None, None, 1000.0, None]),
        (NUMBER, pa.array([None, None], pa.null()), [None, None]),
        (NUMBER, pa.DictionaryArray.from_arrays(pa.array([1, None]), pa.array(["no number", "2"])), [2.0, None]),
        (BOOLEAN, pa.array([True, None, False]), [True, None, False]),
        (BOOLEAN, pa.array([1.0, np.nan, 0.0]), [1.0, None, 0.0]),
        (BOOLEAN, pa.array(["True", "", "0", "false"]), [True, None, False, False]),
        (CODES, pa.array([150, None, 5003, 17]), [150, None, 5003, 17]),
        (CODES, pa.array([150.0, np.nan, 1.5]), [150.0, None, "1.5"]),
        (CODES, pa.array([" 0150", "150"]), ["0150", "150"]),
        (CITY, pa.array(["Oslo ", "A\u030alesund", "NA", "?", "Rome"]), ["Oslo", "Ålesund", "NA", None, "Rome"]),
        (CITY, pa.array(["Oslo", None], pa.string_view()), ["Oslo", None]),
        (CITY, pa.array(["Oslo", "x"], pa.large_string()).dictionary_encode(), ["Oslo", "x"]),
        (CITY, pa.array([True, False]), ["True", "False"]),
        (SOLD, pa.array(MOMENTS, pa.timestamp("us", "Europe/Oslo")), ISO),
        (SOLD, pa.array([None, datetime(2024, 2, 29)], pa.timestamp("s")), [None, "2024-02-29"]),  # naive
        (SOLD, pa.array([None, datetime(2024, 2, 29)], pa.date32()), [None, "2024-02-29"]),
        (SOLD, pa.array([None, datetime(2024, 2, 29)], pa.date64()), [None, "2024-02-29"]),
        (SOLD, NANOSECONDS, ["2024-05-01T10:00:00.123456", None, "1969-12-31T23:59:59.999999"]),
        (SOLD, pa.array([*ISO, "9999-12-31"]), [*ISO, "9999-12-31"]),
        (DIGITS, pa.array([20240229, None]), ["20240229", None]),
    ],
)
def test_cells_of_every_type_have_the_values_of_a_request(column, cells, as_json):
    places = {level: float(place) for place, level in enumerate(column.column.levels)}

    assert values(column, cells).tobytes() == to_values(column, as_json, places).tobytes()


@pytest.mark.parametrize(
    ("column", "cells", "position"),
    [
        (NUMBER, pa.array(["1", "x", "y"]), 1),
        (NUMBER, pa.array([None, 1], pa.timestamp("s")), 1),
        (BOOLEAN, pa.array([0, 1, 2]), 2),
        (BOOLEAN, pa.array(["yes"]), 0),
        (SOLD, pa.array([1, 2]), 0),
        (SOLD, pa.array([0, 253_402_300_800], pa.timestamp("s")), 1),
        (SOLD, pa.array([0, -(10**9)], pa.date32()), 1),
        (SOLD, pa.array(["2024-02-30"]), 0),
        (CITY, pa.array([None, [1]]), 1),
    ],
)
def test_cells_of_another_kind_are_named_by_their_position(column, cells, position):
    with pytest.raises(MisfitError) as raised:
        values(column, cells)

    assert raised.value.position == position
