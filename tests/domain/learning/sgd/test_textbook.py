"""Textbook gradient descent and mini-batch descent at a fixed learning rate."""

import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.errors import InvalidParameter
from domain.learning.errors import Diverged
from domain.learning.sgd import SGD
from tests.support.diabetes import DIABETES
from tests.support.examples import a_table
from tests.support.sgd.least_squares import relative_excess_loss, weights


def loss_of(table: Dataset, w: np.ndarray) -> float:
    return float(np.mean((table.features @ w[:-1] + w[-1] - table.target) ** 2))


def test_loss_curve_is_that_of_the_textbook_loop():
    rows = DIABETES.train  # in seven blocks of 64 rows, which make one step
    design = np.column_stack([rows.features, np.ones(len(rows))])
    w, losses = np.zeros(design.shape[1]), []
    for _ in range(500):
        w = w - 0.1 * 2 * ((design @ w - rows.target) @ design) / len(rows)
        losses.append(loss_of(rows, w))

    fit = SGD.textbook(max_passes=500).fit(rows)

    # The same products, added up in another order.
    np.testing.assert_allclose(weights(fit.model), w, rtol=1e-10)
    np.testing.assert_allclose(fit.report.losses, losses, rtol=1e-12)
    assert (fit.report.passes, fit.report.steps, fit.report.batch_size) == (500, 500, 422)
    assert fit.report.rows_seen == 501 * 422


@pytest.mark.parametrize("learner", [SGD.textbook(10.0), SGD(0.7, batch_size=1, max_passes=500, tol=None)], ids=str)
def test_loss_that_grows_without_bound_is_an_error(learner):
    with pytest.raises(Diverged) as caught:
        learner.fit(a_table(rows=400, features=8))
    assert (caught.value.name, caught.value.value) == ("learning_rate", learner.learning_rate)


def test_mini_batches_come_near_the_optimum():
    table = a_table(rows=2_000)

    fit = SGD(0.01, batch_size=50, max_passes=50, tol=None).fit(table)

    assert fit.report.steps == 50 * 40
    assert fit.report.loss == fit.report.losses[-1] == pytest.approx(loss_of(table, weights(fit.model)), rel=1e-12)
    assert relative_excess_loss(table, fit.model) < 0.05  # of steps along noisy gradients


def test_shorter_last_batch_takes_a_shorter_step():
    table = Dataset([[0.0], [0.0], [0.0]], [1.0, 1.0, 1.0], ("x",), "y")

    fit = SGD(0.25, batch_size=2, max_passes=1, tol=None, seed=1).fit(table)

    # Two rows take the intercept half of the way to 1, and one row a quarter of the rest; in either order.
    assert fit.model.intercept == 1 - 0.5 * 0.75


def test_tolerance_and_penalty_are_refused_because_plain_descent_has_neither():
    for name, value in (("tol", 1e-3), ("penalty", 1.0)):
        with pytest.raises(InvalidParameter) as caught:
            SGD(0.1, **{"tol": None, name: value})
        assert caught.value.name == name

    report = SGD.textbook(max_passes=10).fit(a_table()).report
    assert (report.relative_excess_loss, report.stop_reason) == ((), "max_passes")
    assert report.warning
