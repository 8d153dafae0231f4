"""Plausible values: rows that resemble the training rows and are none of them."""

import numpy as np

from domain.data.arrays import FloatArray
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DAY_SECONDS, DatetimeColumn
from domain.features.encoding import AnyColumn, Encoding
from domain.features.number_column import NumberColumn
from domain.model.moments import Moments

# Significant digits of a number, which keep records short.
DIGITS = 4


def plausible_values(encoding: Encoding, moments: Moments, count: int) -> FloatArray:
    """Return rows of values, shape (count, n_columns), the same at each call.

    Plain numbers have the mean and covariance of `moments`; the first row is their mean. Other columns are drawn
    one by one: numbers and datetimes about their mean within the training range, categories among their levels. The
    last row has an empty cell in each column where the training rows had some.
    """
    random = np.random.default_rng(0)
    if encoding.is_plain:
        draws = random.standard_normal((count, len(moments.factor)))
        draws[0] = 0.0
        return _rounded(moments.mean + draws @ moments.factor)
    values = np.column_stack([_drawn(column, count, random) for column in encoding.columns])
    values[-1, [column.has_gaps for column in encoding.columns]] = np.nan
    return values


def _drawn(column: AnyColumn, count: int, random: "np.random.Generator") -> FloatArray:
    if isinstance(column, CategoryColumn):
        return random.integers(max(1, len(column.levels)), size=count).astype(np.float64)
    draws = column.center + column.scale * random.standard_normal(count)
    if isinstance(column, DatetimeColumn):
        days = np.clip(draws, column.elapsed.low, column.elapsed.high)
        seconds = column.origin + days * DAY_SECONDS
        unit = 1 if "hour" in column.parts else DAY_SECONDS
        dates: FloatArray = np.floor(seconds / unit) * unit
        return dates
    if column.kind == "boolean":
        return (random.random(count) < column.center).astype(np.float64)
    return _numbers(column, draws)


def _numbers(column: NumberColumn, draws: FloatArray) -> FloatArray:
    """Return numbers with few digits, whole ones if the range and the median of the training rows are whole."""
    if column.low is None or column.high is None:
        return _rounded(draws)
    within = np.clip(draws, column.low, column.high)
    known = (column.low, column.high, column.fill or 0.0)
    return np.round(within) if all(number == round(number) for number in known) else _rounded(within)


def _rounded(values: FloatArray) -> FloatArray:
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.ravel().tolist()]).reshape(values.shape)
