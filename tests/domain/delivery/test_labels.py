import math
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery.counts import TRUTH_POINTS
from domain.delivery.evidence import GRID
from domain.delivery.labels import ErrorSums, truth_point

COINS = [(number + 0.5) / 1024 for number in range(1024)]
VALUES = st.floats(-1e3, 1e3)


def test_points_are_those_of_the_grid():
    for label, baseline, candidate, point in (
        (0.0, 0.0, 0.0, 16),
        (3.0, 1.0, 3.0, 0),
        (3.0, 3.0, 1.0, 32),
        (3.0, 3.0, 9.0, 32),
        (3.0, 2.0, 3.0, 12),
        (1e300, 1.0, -1.7e308, 32),
        (-1e300, 1.7e308, 1.0, 0),
        (0.0, -1.7e308, 1.7e308, 16),
    ):
        assert truth_point(label, baseline=baseline, candidate=candidate, mse=1.0, coin=0.5) == point
    assert truth_point(1.0, baseline=1.0, candidate=1.1, mse=0.0, coin=0.5) == 32


@given(VALUES, VALUES, VALUES, st.floats(1e-3, 1e6))
def test_mean_over_the_coin_is_the_difference_of_the_squared_errors(label, baseline, candidate, mse):
    points = [truth_point(label, baseline=baseline, candidate=candidate, mse=mse, coin=coin) for coin in COINS]

    difference = ((label - candidate) ** 2 - (label - baseline) ** 2) / (4 * mse)
    assert {*points} <= {*range(TRUTH_POINTS)}
    # Coins lie 1/1024 apart, and points 1/16; the squares of the expected value are rounded.
    rounding = 4e-16 * (label**2 + candidate**2 + baseline**2) / mse
    assert fmean(GRID[points]) == pytest.approx(min(max(difference, -1), 1), abs=1 / 16 / 1024 + rounding)


def test_sums_of_errors_stay_finite():
    sums = ErrorSums()
    for error in (3.0, -4.0):
        sums.add(error)
    assert (sums.labels, sums.squared, sums.absolute) == (2, 25.0, 7.0)

    sums.add(math.inf)
    assert math.isfinite(sums.squared)
