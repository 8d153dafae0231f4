from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.data.dataset import Dataset
from domain.features.target_transform import TargetTransform
from domain.model.calibration import MAX_ROWS, Calibration, calibrate
from domain.model.linear_model import LinearModel
from domain.model.moments import Moments

# Of so many rows that spread so far, the leverage is 0.
WIDE = Moments(10**20, 9, np.zeros(1), np.array([[1e150]]), None)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.integers(50, 99))
def test_quantile_is_the_smallest_score_below_which_enough_of_one_more_row_lies(scores, percent):
    found = Calibration.of(np.array(scores)).quantile(percent / 100)

    # Without floating point: of n + 1 equally likely places, those up to the score's are at least the level.
    places = [place for place in range(1, len(scores) + 1) if 100 * place >= percent * (len(scores) + 1)]
    if not places:
        assert found == np.inf
        return
    exact = sorted(scores)[places[0] - 1]
    assert exact <= found <= exact * 1.0001 + 5e-324


def test_another_row_is_below_the_quantile_as_often_as_each_place_in_the_order_is_equally_likely():
    random = np.random.default_rng(0)
    for rows in (9, 19, 25):
        scores = random.exponential(size=(4_000, rows + 1))

        below = np.mean([row[-1] <= Calibration.of(row[:-1]).quantile(0.9) for row in scores])

        expected = ceil((rows + 1) * 0.9) / (rows + 1)
        # Four standard errors of 4,000 rows.
        assert below == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 4_000))


@given(st.lists(st.floats(0, allow_nan=False), max_size=50))
def test_quantile_rises_with_the_level(scores):
    calibration = Calibration.of(np.array(scores))

    quantiles = [calibration.quantile(level) for level in np.linspace(0.5, 0.99, 50)]

    assert quantiles == sorted(quantiles)


def test_scores_are_those_of_at_most_a_thousand_rows():
    values = np.arange(5_000.0)[:, np.newaxis]
    rows = Dataset(np.hstack([values, values]), np.full(5_000, 2.0), ("other", "x"), "y")

    calibration = calibrate(LinearModel([0.0], 0.0, ("x",)), WIDE, rows)

    assert calibration.rows == len(calibration.conformity_scores) == MAX_ROWS
    assert calibration.conformity_scores.tolist() == [2.0] * MAX_ROWS


class Generous(Dataset):
    """Rows whose sample has more rows than were asked for, as that of files may."""

    def sample(self, count, seed):
        return super().sample(count + 500, seed)


def test_sample_of_more_rows_than_asked_for_is_thinned_evenly():
    rows = Generous(np.zeros((1_500, 1)), np.arange(1_500.0), ("x",), "y")

    calibration = calibrate(LinearModel([0.0], 0.0, ("x",)), WIDE, rows)

    assert calibration.rows == MAX_ROWS
    assert calibration.conformity_scores[:4].tolist() == [0.0, 1.0, 3.0, 4.0]


def test_target_without_a_logarithm_and_sum_that_overflows_count_as_infinite_scores():
    model = LinearModel([1e200], 0.0, ("x",), TargetTransform(log=True))
    rows = Dataset(np.array([[0.0], [0.0], [0.0], [1e120]]), np.array([1.0, np.e, -1.0, 1.0]), ("x",), "y")

    calibration = calibrate(model, WIDE, rows)

    assert (calibration.rows, calibration.conformity_scores.tolist()) == (4, [0.0, 1.0])
    assert (calibration.quantile(0.5), calibration.quantile(0.6)) == (np.inf, np.inf)


def test_highest_level_is_the_last_one_with_a_finite_quantile():
    for rows in range(200):
        calibration = Calibration(rows, np.arange(float(rows)))
        finite = [percent / 100 for percent in range(50, 100) if np.isfinite(calibration.quantile(percent / 100))]

        assert calibration.highest_level == max(finite, default=None)
