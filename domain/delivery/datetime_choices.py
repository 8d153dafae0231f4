"""Datetime choices: the moments at which the difference of two effects of a datetime is largest and least."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.features.datetime_column import DAY_SECONDS, HOUR_SECONDS, DatetimeColumn, calendar_part

# Within a year and a day, each weekday falls in each month.
DAYS = 367
# Before the end of an hour or a day, at which a part of the calendar changes; ISO 8601 texts have it.
INSTANT = 1e-3


def extreme_moments(first: DatetimeColumn, second: DatetimeColumn) -> FloatArray:
    """Return moments in seconds since 1970, shape (n,), rising, within the training ranges of both columns.

    Between two bends of the splines, the effect of the elapsed days is linear in time. Among the hours of one month,
    weekday and hour of the day, the least and the largest difference are then at the begin of the first hour or at the
    end of the last one, to 1 ms. Both lie within a year of a bend, so that the work does not grow with the range. Days
    stand in for hours where neither model has learned the hour.
    """
    parts = {*first.parts, *second.parts}
    bends = np.unique([*_bends(first), *_bends(second)])
    if not parts:
        return bends
    unit = HOUR_SECONDS if "hour" in parts else DAY_SECONDS
    return np.unique(np.concatenate([bends, *(_within(low, high, unit) for low, high in pairwise(bends.tolist()))]))


def _bends(column: DatetimeColumn) -> FloatArray:
    elapsed = column.elapsed
    return column.origin + DAY_SECONDS * np.array([elapsed.low, *elapsed.knots, elapsed.high])


def _within(low: float, high: float, unit: int) -> FloatArray:
    """Return the begin of the first hour, and the end of the last one, of each kind of hour from `low` to `high`."""
    count = DAYS * DAY_SECONDS // unit
    begin, end = int(low // unit), int(high // unit)
    early = unit * np.arange(begin, min(begin + count, end + 1), dtype=np.float64)
    late = unit * np.arange(end, max(end - count, begin - 1), -1, dtype=np.float64)
    starts, ends = early[_firsts(early)], late[_firsts(late)] + unit - INSTANT
    return np.concatenate([np.maximum(starts, low), np.minimum(ends, high)])


def _firsts(moments: FloatArray) -> npt.NDArray[np.intp]:
    """Return the places of the first moment of each month, weekday and hour."""
    month, weekday, hour = (calendar_part(part, moments) for part in ("month", "weekday", "hour"))
    places: npt.NDArray[np.intp] = np.unique((month * 10 + weekday) * 100 + hour, return_index=True)[1]
    return places
