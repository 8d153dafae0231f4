from dataclasses import replace

import numpy as np
import pytest

from domain.features.target_transform import TargetTransform
from domain.model.calibration import Calibration
from domain.model.errors import IntervalNotFinite, IntervalUnavailable
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments
from domain.model.prediction_intervals import prediction_intervals
from tests.support.examples import a_lineage

# Of so many rows that spread so far, the leverage is 0.
MOMENTS = Moments(10**20, 9, np.zeros(1), np.array([[1e9]]), None)


def version_of(transform=TargetTransform(), score=1.0, moments=MOMENTS):  # noqa: B008  # it is frozen
    model = LinearModel([1.0], 0.0, ("x",), transform)
    return ModelVersion("7", model, a_lineage(), None, moments, Calibration(1, [score]))


def bounds(version, *values):
    return prediction_intervals(version, np.array([[value] for value in values]), 0.5).tolist()


def test_interval_is_the_prediction_and_the_quantile_on_both_sides_times_the_error_scale():
    assert bounds(version_of(), 3.0, -1.0) == [[2.0, 4.0], [-2.0, 0.0]]

    far = version_of(moments=Moments(4, 4, np.zeros(1), np.ones((1, 1)), None))
    # The leverage is 1/4 + 15² / (4 + 1), and the square of the scale 1 more.
    assert bounds(far, 15.0) == [pytest.approx([15 - np.sqrt(46.25), 15 + np.sqrt(46.25)])]


def test_interval_of_a_logarithmic_target_multiplies_and_holds_a_corrected_prediction():
    assert bounds(version_of(TargetTransform(log=True, correction=1.5)), 0.0) == [pytest.approx([1 / np.e, np.e])]
    # The prediction is 4, and the median 1.
    assert bounds(version_of(TargetTransform(log=True, correction=4.0)), 0.0) == [pytest.approx([1 / np.e, 4.0])]


def test_interval_of_a_limited_prediction_reaches_beyond_the_limit():
    assert bounds(version_of(TargetTransform(low=-2.0, high=2.0)), -9.0, 1.5, 9.0) == [[-3, -1], [0.5, 2.5], [1, 3]]
    limited = version_of(TargetTransform(log=True, correction=2.0, low=-1.0, high=2 * np.e))
    # The limit is a sum of 1, and 2 e the prediction there.
    assert bounds(limited, 50.0) == [pytest.approx([1.0, np.e**2])]


def test_version_without_calibration_or_with_too_few_rows_has_no_interval():
    for version, level, why in (
        (replace(version_of(), calibration=None), 0.9, "train again and promote"),
        (version_of(), 0.9, "its 1 held-out rows are too few for the level 0.9; ask for at most 0.5"),
        (replace(version_of(), calibration=Calibration(9, np.arange(4.0))), 0.5, "train again and hold out more"),
    ):
        with pytest.raises(IntervalUnavailable, match=why) as caught:
            prediction_intervals(version, np.zeros((1, 1)), level)
        assert caught.value.version == "7"


def test_interval_that_overflows_names_its_row():
    for version in (version_of(score=1e308), version_of(TargetTransform(log=True), 700.0)):
        with pytest.raises(IntervalNotFinite) as caught:
            bounds(version, 0.0, 1e308 if version.model.target_transform.log is False else 50.0)
        assert caught.value.row == 1
