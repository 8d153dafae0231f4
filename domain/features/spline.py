"""Linear spline: a number within its training range, and how far it is above each of some knots."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import FloatArray
from domain.features.feature_column import Effect


@dataclass(frozen=True, slots=True)
class Spline:
    """Training range of a number, and rising knots strictly within it.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), "The Elements of Statistical Learning", section 5.2 (piecewise linear basis
    functions).

    Examples
    --------
    >>> terms = np.empty((3, 2))
    >>> Spline(0.0, 10.0, (4.0,)).encode(np.array([3.0, 6.0, 99.0]), terms)
    >>> terms.tolist()
    [[3.0, 0.0], [6.0, 2.0], [10.0, 6.0]]
    """

    low: float
    high: float
    knots: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        rising = (self.low, *self.knots, self.high)
        if not (
            (np.isfinite(rising).all() and (np.diff(rising) > 0).all()) or (self.low == self.high and not self.knots)
        ):
            raise ValueError("the knots of a spline do not rise within its range")

    @classmethod
    def fit(cls, values: FloatArray, knots: int) -> Self:
        """Return a spline with at most this number of knots, at quantiles of `values`, shape (n,)."""
        low, high = float(values.min()), float(values.max())
        places = np.unique(np.quantile(values, np.arange(1, knots + 1) / (knots + 1))).tolist()
        return cls(low, high, tuple(place for place in places if low < place < high))

    @property
    def without_knots(self) -> Self:
        """The spline with the first of its terms alone."""
        return type(self)(self.low, self.high)

    def term_names(self, name: str) -> tuple[str, ...]:
        """Return the names of the terms above the knots."""
        short = [f"{knot:.6g}" for knot in self.knots]
        shown = short if len(set(short)) == len(short) else map(repr, self.knots)
        return tuple(f"{name} above {knot}" for knot in shown)

    def encode(self, values: FloatArray, terms: FloatArray) -> None:
        """Write the limited values, shape (n,), and those above each knot to the first columns of `terms`."""
        limited = np.minimum(np.maximum(values, self.low), self.high, out=terms[:, 0])
        for place, knot in enumerate(self.knots, start=1):
            np.maximum(limited - knot, 0.0, out=terms[:, place])

    def curve(self, coefficients: FloatArray) -> Effect:
        """Return the sum of the terms times `coefficients`, as a function of the values, shape (n,)."""
        places = np.array([self.low, *self.knots, self.high])
        terms = np.empty((len(places), 1 + len(self.knots)))
        self.encode(places, terms)
        heights = terms @ coefficients[: terms.shape[1]]

        def curve(values: FloatArray) -> FloatArray:
            return np.interp(values, places, heights)

        return curve
