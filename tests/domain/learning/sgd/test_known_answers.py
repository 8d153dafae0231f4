"""The diabetes data, whose answers are known."""

import numpy as np
import pytest

from domain.learning.sgd import SGD
from domain.model.scores import evaluate
from tests.support.diabetes import DIABETES
from tests.support.sgd.least_squares import least_squares, weights


def test_least_squares_on_bmi_is_the_known_answer():
    train, test = (rows.select(("bmi",)) for rows in (DIABETES.train, DIABETES.test))

    fit = SGD().fit(train)

    scores = evaluate(fit.model, test)
    assert fit.report.stop_reason == "exact"
    assert fit.model.coefficients[0] == pytest.approx(938.2379, abs=1e-4)  # as many digits as the answer is known to
    assert fit.model.intercept == pytest.approx(152.9189, abs=1e-4)
    assert scores.mse == pytest.approx(2548.07, abs=5e-3)
    assert scores.r2 == pytest.approx(0.4726, abs=5e-5)


def test_default_settings_reach_least_squares_in_every_coefficient():
    for rows in (DIABETES.train.select(("bmi", "bp")), DIABETES.train):
        # The scaled features have a condition number of 21 (its square is 455): 1e-16 of rounding becomes 1e-14, twice.
        np.testing.assert_allclose(weights(SGD().fit(rows).model), least_squares(rows), rtol=1e-11)


def test_textbook_descent_on_bmi_is_the_known_answer():
    train, test = (rows.select(("bmi",)) for rows in (DIABETES.train, DIABETES.test))

    fit = SGD.textbook().fit(train)

    assert fit.model.coefficients[0] == pytest.approx(937.19, abs=5e-3)
    assert fit.model.intercept == pytest.approx(152.92, abs=5e-3)
    assert evaluate(fit.model, test).r2 == pytest.approx(0.4723, abs=5e-5)
    assert (fit.report.passes, fit.report.stop_reason) == (15_000, "max_passes")
