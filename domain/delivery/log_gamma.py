"""Logarithms of the gamma and beta functions of positive integers, for numbers and arrays."""

import math

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray

Count = int | npt.NDArray[np.int64]

# Below this argument, values come from a table; from it on, Stirling's series is exact to the last bit.
SERIES_FROM = 256
TABLE = np.array([math.inf, *(math.lgamma(n) for n in range(1, SERIES_FROM))])
HALF_LOG_TAU = math.log(math.tau) / 2


def log_gamma(n: Count) -> FloatArray:
    """Return log Γ(n) of integers of at least 1.

    References
    ----------
    Abramowitz and Stegun (1964), "Handbook of Mathematical Functions", 6.1.41 (Stirling's series).
    """
    x = np.maximum(n, SERIES_FROM).astype(np.float64)
    correction = (1 / 12 - (1 / 360 - 1 / 1260 / x**2) / x**2) / x
    series = (x - 0.5) * np.log(x) - x + HALF_LOG_TAU + correction
    return np.where(np.less(n, SERIES_FROM), TABLE[np.minimum(n, SERIES_FROM - 1)], series)


def log_beta(a: Count, b: Count) -> FloatArray:
    """Return log B(a, b) of integers of at least 1."""
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b)
