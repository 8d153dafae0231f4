"""Traffic series: the traffic of one version in consecutive periods, as one array."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from domain.data.arrays import FloatArray, known
from domain.monitoring.traffic import COUNTS, LATENCY_BUCKETS, Traffic, latency_quantile

WIDTH = len(COUNTS) + LATENCY_BUCKETS
_AMOUNTS = {"seconds", "squared_errors", "absolute_errors"}


@dataclass(frozen=True, slots=True, eq=False)
class TrafficSeries:
    """Traffic by period, the oldest first.

    Parameters
    ----------
    values : ndarray of shape (n_periods, WIDTH)
        The numbers of `COUNTS`, then the latency buckets; copied, and set read-only.

    Raises
    ------
    ValueError
        If the array has another shape.
    """

    values: FloatArray

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.shape[1:] != (WIDTH,):
            raise ValueError(f"a series of traffic has {WIDTH} numbers a period, not the shape {values.shape}")
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @classmethod
    def of(cls, *periods: Traffic) -> Self:
        """Return the series of these periods."""
        rows = [[*(getattr(each, name) for name in COUNTS), *each.latencies] for each in periods]
        return cls(np.array(rows, dtype=np.float64).reshape(-1, WIDTH))

    def __len__(self) -> int:
        return len(self.values)

    def __add__(self, other: Self) -> Self:
        return type(self)(self.values + other.values)

    def column(self, name: str) -> FloatArray:
        """Return the numbers of `COUNTS` of this name, by period."""
        numbers: FloatArray = self.values[:, COUNTS.index(name)]
        return numbers

    def mae(self) -> tuple[float | None, ...]:
        """Return the mean absolute error of the labels by period, None without any."""
        labels = self.column("labels")
        return known(
            np.divide(self.column("absolute_errors"), labels, out=np.full(len(self), np.nan), where=labels > 0)
        )

    def periods(self) -> tuple[Traffic, ...]:
        """Return the traffic of each period."""
        return tuple(map(_traffic, self.values))

    def quantiles(self, share: float) -> tuple[float | None, ...]:
        """Return `Traffic.quantile` of each period, for less work than that of `periods`."""
        return tuple(latency_quantile(row, share) for row in self.values[:, len(COUNTS) :].tolist())

    def total(self) -> Traffic:
        """Return the traffic of all periods."""
        return _traffic(self.values.sum(axis=0))

    def last(self, periods: int) -> Self:
        """Return the last periods, at least one."""
        return type(self)(self.values[-periods:])

    def grouped(self, size: int) -> Self:
        """Return the sums of each `size` periods, of which the whole is a multiple."""
        return type(self)(self.values.reshape(-1, size, WIDTH).sum(axis=1))


def _traffic(row: FloatArray) -> Traffic:
    numbers = zip(COUNTS, row.tolist(), strict=False)
    counts: dict[str, Any] = {name: number if name in _AMOUNTS else int(number) for name, number in numbers}
    return Traffic(**counts, latencies=tuple(map(int, row[len(COUNTS) :])))
