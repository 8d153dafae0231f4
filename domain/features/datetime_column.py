"""Datetime column: elapsed days with their spline, and the parts of the calendar as categories."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.data.columns import Column, Kind
from domain.data.text_formats import TextFormat
from domain.features.feature_column import Effect, FeatureColumn
from domain.features.spline import Spline

DAY_SECONDS, HOUR_SECONDS = 86_400, 3_600
# 0001-01-01 and 9999-12-31, the dates that numpy and Python have in common.
MIN_SECONDS, MAX_SECONDS = -62_135_596_800.0, 253_402_300_799.0
# Days from a Monday to 1970-01-01.
WEEKDAY_OF_EPOCH = 3

Part = Literal["month", "weekday", "hour"]
PARTS: Mapping[Part, tuple[int, ...]] = {
    "month": tuple(range(1, 13)),
    "weekday": tuple(range(1, 8)),
    "hour": tuple(range(24)),
}
"""Values of each part of a datetime; Monday is weekday 1, as in ISO 8601."""


@dataclass(frozen=True, slots=True)
class DatetimeColumn(FeatureColumn):
    """A moment, as days since the first of the training rows, month, weekday and hour.

    Parameters
    ----------
    name : str
    origin : float
        Seconds since 1970 in UTC of the first moment of the training rows.
    fill : float
        The median of the training rows in the same unit, which replaces an empty cell.
    elapsed : Spline
        Of the days since `origin`.
    parts : tuple of {'month', 'weekday', 'hour'}
        Parts that vary in the training rows.
    has_gaps : bool
        Whether the training rows had empty cells; a term then indicates them.
    center, scale : float
        Mean and standard deviation of the days, for products.
    format : TextFormat or None
        The spelling of the texts of the training table, which requests may have besides ISO 8601.
    """

    name: str
    origin: float
    fill: float
    elapsed: Spline
    parts: tuple[Part, ...] = ()
    has_gaps: bool = False
    center: float = 0.0
    scale: float = 1.0
    format: TextFormat | None = None

    @classmethod
    def fit(cls, column: Column, values: FloatArray, knots: int) -> Self:
        """Return the column of the training values, shape (n,), at least one of which is not NaN."""
        present = values[~np.isnan(values)]
        origin = float(present.min())
        days = (present - origin) / DAY_SECONDS
        return cls(
            name=column.name,
            origin=origin,
            fill=float(np.median(present)),
            elapsed=Spline.fit(days, knots),
            parts=tuple(part for part in PARTS if np.ptp(calendar_part(part, present))),
            has_gaps=len(present) < len(values),
            center=float(np.mean(days)),
            scale=float(np.std(days)) or 1.0,
            format=column.format,
        )

    @property
    def kind(self) -> Kind:
        """A datetime."""
        return "datetime"

    @property
    def value_range(self) -> tuple[float, float]:
        """Whole seconds around the range of the training rows, because days do not give those back to the last bit."""
        low, high = (self.origin + days * DAY_SECONDS for days in (self.elapsed.low, self.elapsed.high))
        return float(np.floor(low)), float(np.ceil(high))

    @property
    def column(self) -> Column:
        """Return the column as blocks have it."""
        return Column(self.name, "datetime", nullable=self.has_gaps, format=self.format)

    @property
    def term_names(self) -> tuple[str, ...]:
        """The days, the days above each knot, each value of each part, and the indicator."""
        days = f"{self.name} in days"
        return (
            *(days, *self.elapsed.term_names(days)),
            *(f"{self.name} {part}={value}" for part in self.parts for value in PARTS[part]),
            *([f"{self.name} is missing"] if self.has_gaps else []),
        )

    @property
    def standardization(self) -> tuple[tuple[float, float], ...]:
        """Mean and standard deviation of the days; other terms as they are."""
        return ((self.center, self.scale), *((0.0, 1.0) for _ in self.term_names[1:]))

    @property
    def booleans(self) -> tuple[bool, ...]:
        """True for parts and the indicator."""
        days = 1 + len(self.elapsed.knots)
        return tuple(place >= days for place, _ in enumerate(self.term_names))

    @property
    def typical(self) -> float:
        """The median."""
        return self.fill

    def encode(self, values: FloatArray, terms: FloatArray) -> None:
        """Write the days within the training range, their bends, the parts as 0 or 1, and the indicator."""
        missing, filled = self._filled(values)
        self.elapsed.encode(self._days(filled), terms)
        place, rows = 1 + len(self.elapsed.knots), np.arange(len(values))
        terms[:, place:] = 0.0
        for part in self.parts:
            terms[rows, place + calendar_part(part, filled) - PARTS[part][0]] = 1.0
            place += len(PARTS[part])
        if self.has_gaps:
            terms[:, -1] = missing

    def effect(self, coefficients: FloatArray) -> Effect:
        """Return the effect of the days and, from tables, of the parts."""
        curve = self.elapsed.curve(coefficients)
        tables: list[tuple[Part, FloatArray]] = []
        place = 1 + len(self.elapsed.knots)
        for part in self.parts:
            own = coefficients[place : place + len(PARTS[part])]
            tables.append((part, np.append(np.zeros(PARTS[part][0]), own)))  # by value, the first of which is 0 or 1
            place += len(PARTS[part])
        of_missing = float(coefficients[-1]) if self.has_gaps else 0.0

        def effect(values: FloatArray) -> FloatArray:
            missing, filled = self._filled(values)
            total, whole = curve(self._days(filled)), _whole_seconds(filled)
            for part, table in tables:
                total = total + table[_PART_OF_SECONDS[part](whole)]
            return total + of_missing * missing if self.has_gaps else total

        return effect

    def with_first_term(self) -> Self:
        """Return the column without bends, parts and indicator."""
        return replace(self, elapsed=self.elapsed.without_knots, parts=(), has_gaps=False)

    def _filled(self, values: FloatArray) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        missing = np.isnan(values)
        filled = np.where(missing, self.fill, values)
        return missing, np.minimum(np.maximum(filled, MIN_SECONDS), MAX_SECONDS)

    def _days(self, seconds: FloatArray) -> FloatArray:
        return (seconds - self.origin) / DAY_SECONDS


def calendar_part(part: Part, seconds: FloatArray) -> npt.NDArray[np.int64]:
    """Return a part of moments in seconds since 1970 in UTC, both of shape (n,)."""
    return _PART_OF_SECONDS[part](_whole_seconds(seconds))


def _whole_seconds(seconds: FloatArray) -> npt.NDArray[np.int64]:
    return np.floor(seconds).astype(np.int64)


_PART_OF_SECONDS: Mapping[Part, Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]]] = {
    "month": lambda seconds: seconds.astype("M8[s]").astype("M8[M]").astype(np.int64) % 12 + 1,
    "weekday": lambda seconds: (seconds // DAY_SECONDS + WEEKDAY_OF_EPOCH) % 7 + 1,
    "hour": lambda seconds: seconds % DAY_SECONDS // HOUR_SECONDS,
}
