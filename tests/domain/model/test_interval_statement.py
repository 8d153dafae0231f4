import numpy as np
import pytest

from domain.features.encoding import Encoding
from domain.features.target_transform import TargetTransform
from domain.learning.sgd import SGD
from domain.model.calibration import Calibration
from domain.model.interval_statement import interval_statement
from domain.model.leverage import error_scale, typical_error_scale
from domain.model.linear_model import LinearModel
from tests.support.examples import a_table

MODEL = LinearModel([2.0], 0.0, ("area",))


def test_statement_has_the_highest_level_if_that_is_below_nine_of_ten():
    assert "80 % of targets lie within ± 3 of" in interval_statement(MODEL, None, Calibration(4, np.arange(4.0)))


def test_statement_of_a_logarithmic_target_has_a_factor():
    model = LinearModel([2.0], 0.0, ("area",), TargetTransform(log=True, correction=1.1))
    calibration = Calibration(9, np.full(9, np.log(1.25)))

    assert "within a factor of 1.25 of the predicted median" in interval_statement(model, None, calibration)
    assert "a factor of 1.014e+304 of" in interval_statement(model, None, Calibration(9, np.full(9, 1e9)))


def test_error_scale_of_a_typical_row_is_the_root_mean_square_of_the_training_rows():
    table = a_table(rows=50, features=4)
    moments = SGD().fit(table).moments

    scales = error_scale(Encoding.of_numbers(table.feature_names), moments, table.features)

    assert typical_error_scale(moments) == pytest.approx(np.sqrt(np.mean(scales**2)))
    assert typical_error_scale(moments) > 1
