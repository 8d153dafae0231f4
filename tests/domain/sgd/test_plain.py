"""Textbook gradient descent and mini-batch descent: no preconditioner, a fixed rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.dataset import Dataset
from domain.errors import RateTooLarge
from domain.sgd import SGD
from tests.diabetes import DIABETES
from tests.domain.sgd.least_squares import excess_risk, least_squares, weights
from tests.examples import a_table


def step_by_step(rows: Dataset, rate: float, steps: int) -> tuple[np.ndarray, list[float]]:
    """Return weights and losses of the loop as textbooks have it, in more digits than the answer is compared in."""
    design = np.column_stack([rows.features, np.ones(len(rows))]).astype(np.longdouble)
    target = rows.target.astype(np.longdouble)
    w, losses = np.zeros(design.shape[1], np.longdouble), []
    for _ in range(steps):
        w = w - np.longdouble(rate) * 2 * ((design @ w - target) @ design) / len(rows)
        losses.append(float(np.mean((design @ w - target) ** 2)))
    return w.astype(float), losses


@pytest.mark.parametrize("names", [("bmi",), DIABETES.train.feature_names])
def test_closed_form_is_the_loop_of_15_000_steps(names):
    rows = DIABETES.select(names).train
    expected, losses = step_by_step(rows, 0.1, 15_000)

    fit = SGD.textbook().fit(rows)

    np.testing.assert_allclose(weights(fit.model), expected, rtol=1e-12)
    np.testing.assert_allclose(fit.report.losses, losses, rtol=1e-12)
    assert len(fit.report.losses) == 15_000


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.integers(1, 5), st.integers(0, 1000), st.integers(1, 60), st.floats(0.01, 0.99))
def test_closed_form_is_the_loop_whatever_the_table(rows, features, seed, steps, share):
    table = a_table(rows, features, seed)
    with pytest.raises(RateTooLarge) as caught:
        SGD.textbook(1e9).fit(table)
    rate = share * caught.value.stable_below
    expected, losses = step_by_step(table, rate, steps)

    fit = SGD.textbook(rate, steps).fit(table)

    # Weights and losses of tables with fewer rows than columns may be 0 but for rounding of values up to 10.
    np.testing.assert_allclose(weights(fit.model), expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(fit.report.losses, losses, rtol=1e-9, atol=1e-11)


def test_a_step_follows_the_gradient_of_the_loss():
    table = a_table(rows=40)
    rate, h = 1e-3, 1e-6
    design = np.column_stack([table.features, np.ones(len(table))])

    def loss(w: np.ndarray) -> float:
        return float(np.mean((design @ w - table.target) ** 2))

    step = weights(SGD.textbook(rate, max_passes=1).fit(table).model)  # from zero

    differences = [(loss(h * axis) - loss(-h * axis)) / (2 * h) for axis in np.eye(3)]
    # Central differences of a quadratic are exact but for rounding: 1e-16 · loss / h, about 1e-9 of it.
    np.testing.assert_allclose(step, -rate * np.array(differences), rtol=1e-6)


@pytest.mark.parametrize("batch_size", [None, 16])
def test_rate_that_must_diverge_is_refused_before_a_step_with_the_largest_that_converges(batch_size):
    table = a_table(rows=200)
    seen = []

    with pytest.raises(RateTooLarge, match=r"below 0\.8798") as caught:
        SGD(3.0, batch_size, precondition=None).fit(table, seen.append)

    assert {progress.phase for progress in seen} <= {"curvature"}
    assert SGD.textbook(0.999 * caught.value.stable_below, 20_000).fit(table).report.losses[-1] < 1
    with pytest.raises(RateTooLarge):
        SGD.textbook(caught.value.stable_below).fit(table)


def test_largest_rate_named_is_where_the_loop_begins_to_diverge():
    table = a_table(rows=200)
    with pytest.raises(RateTooLarge) as caught:
        SGD.textbook(3.0).fit(table)
    limit = caught.value.stable_below

    _, converging = step_by_step(table, 0.99 * limit, 1_000)
    _, diverging = step_by_step(table, 1.01 * limit, 1_000)

    assert converging[-1] < 1
    assert diverging[-1] > 1e6


def test_tolerance_stops_gradient_descent_at_the_first_step_that_reaches_it():
    table = a_table(rows=100)

    report = SGD(0.1, tol=1e-3, max_passes=10_000, precondition=None).fit(table).report

    optimum = np.mean((table.features @ least_squares(table)[:-1] + least_squares(table)[-1] - table.target) ** 2)
    excess = np.array(report.losses) / optimum - 1
    assert report.stop_reason == "tol"
    assert excess[-1] <= 1e-3 < excess[-2]
    assert report.excess_risk[-1] == pytest.approx(excess[-1], rel=1e-9)  # a difference of two numbers near 1


def test_mini_batches_come_near_the_optimum_and_say_how_near():
    table = a_table(rows=2_000)

    fit = SGD(0.01, batch_size=50, max_passes=50, tol=None, precondition=None).fit(table)

    assert fit.report.steps == 50 * 40
    assert fit.report.excess_risk[-1] == pytest.approx(excess_risk(table, fit.model), rel=1e-6)  # two formulas
    assert fit.report.excess_risk[-1] < 0.05


def test_mini_batches_stop_at_the_tolerance():
    report = SGD(0.01, batch_size=50, max_passes=500, tol=0.01, precondition=None).fit(a_table(rows=2_000)).report

    assert report.stop_reason == "tol"
    assert report.excess_risk[-1] <= 0.01 < report.excess_risk[-2]
    assert report.warning == ""


def test_shorter_last_batch_takes_a_shorter_step():
    table = Dataset([[0.0], [0.0], [0.0]], [1.0, 1.0, 1.0], ("x",), "y")

    fit = SGD(0.25, batch_size=2, max_passes=1, tol=None, precondition=None, shuffle=False).fit(table)

    # The intercept goes half of the way to 1 with two rows, and with one row a quarter of the rest.
    assert fit.model.intercept == 0.5 + 0.25 * 0.5


def test_loss_that_grows_ends_as_diverged_with_the_best_weights_and_a_warning():
    table = a_table(rows=400, features=8)
    limit = 1 / np.linalg.eigvalsh(np.cov(table.features.T)).max()

    # Below the limit of full batches, but each step sees a single row.
    fit = SGD(0.8 * limit, batch_size=1, max_passes=200, tol=None, precondition=None).fit(table)

    assert fit.report.stop_reason == "diverged"
    assert "smaller learning_rate" in fit.report.warning
    assert np.isfinite(weights(fit.model)).all()


def test_constant_and_redundant_columns_do_no_harm():
    x = a_table(rows=100, features=1)
    table = Dataset(np.column_stack([x.features, x.features, np.zeros(100)]), x.target, tuple("abc"), "y")

    model = SGD(0.1, max_passes=10_000, tol=1e-12, precondition=None).fit(table).model

    half = least_squares(x)[0] / 2
    # The excess is the square of the distance: 1e-6 of the spread.
    np.testing.assert_allclose(model.coefficients, [half, half, 0], rtol=1e-5, atol=1e-9)
