"""New rows without the old ones."""

import numpy as np
import pytest

from domain.dataset import Dataset
from domain.errors import BadSetting, OtherColumns
from domain.sgd import SGD
from tests.domain.sgd.least_squares import excess_risk, least_squares, weights
from tests.examples import a_table


def parts(table: Dataset, *, first: int) -> tuple[Dataset, Dataset]:
    return table.rows(slice(None, first)), table.rows(slice(first, None))


def test_small_tables_in_parts_give_the_answer_of_the_whole():
    table = a_table(rows=200, features=3)
    old, new = parts(table, first=120)

    fit = SGD(tol=1e-12).partial_fit(new, SGD().fit(old).memory)

    # Both parts are known exactly; an excess of 1e-12 is a distance of 1e-6 standard errors.
    np.testing.assert_allclose(weights(fit.model), least_squares(table), rtol=1e-6)
    assert fit.memory.rows == 200


def test_tomorrows_rows_are_learnt_without_reading_todays():
    table = a_table(rows=60_000, features=5)
    old, new = parts(table, first=50_000)

    fit = SGD().partial_fit(new, SGD().fit(old).memory)

    assert excess_risk(table, fit.model) <= 1e-6
    assert fit.report.rows_seen <= 3 * len(new)
    assert fit.report.stop_reason == "tol"


@pytest.mark.parametrize("shift", [0.0, 100.0, -1e6])
def test_rows_from_elsewhere_move_the_model_to_the_optimum_of_all_if_the_old_moments_are_exact(shift):
    old, new = a_table(rows=30_000, features=3, seed=1), a_table(rows=30_000, features=3, seed=2)
    moved = Dataset(new.features * 3 + shift, new.target * 0.5 - shift, new.feature_names, "y")
    both = Dataset(
        np.vstack([old.features, moved.features]), np.append(old.target, moved.target), new.feature_names, "y"
    )

    fit = SGD().partial_fit(moved, SGD(precondition="exact").fit(old).memory)

    assert fit.report.stop_reason == "tol"
    assert excess_risk(both, fit.model) <= 1e-5  # ten tolerances


def test_memory_of_a_fit_that_ended_early_still_tells_where_down_is():
    table = a_table(rows=60_000, features=3)
    old, new = parts(table.rows(np.argsort(table.target)), first=30_000)
    early = SGD(max_passes=2, tol=1e-14).fit(old)

    fit = SGD(precondition="exact").partial_fit(new, early.memory)

    assert early.report.excess_risk[-1] > 1e-10
    assert excess_risk(table, fit.model) < 100 * fit.report.excess_risk[-1] + 1e-5


def test_certificate_counts_what_a_rough_memory_may_hide():
    old, new = a_table(rows=100_000, features=5, seed=1), a_table(rows=100_000, features=5, seed=2)
    turned = Dataset(new.features, new.target - 4 * new.features[:, 0], new.feature_names, "y")
    both = Dataset(
        np.vstack([old.features, turned.features]), np.append(old.target, turned.target), new.feature_names, "y"
    )

    rough = SGD().partial_fit(turned, SGD().fit(old).memory)
    exact = SGD().partial_fit(turned, SGD(precondition="exact").fit(old).memory)

    assert excess_risk(both, rough.model) <= 1.4 * rough.report.excess_risk[-1]
    assert rough.report.stop_reason == "stall"
    assert "memory" in rough.report.warning
    assert excess_risk(both, exact.model) <= 1e-5
    assert exact.report.stop_reason == "tol"


def test_rows_like_those_before_are_certified_within_the_tolerance():
    table = a_table(rows=100_000, features=20)
    old, new = parts(table, first=50_000)

    fit = SGD().partial_fit(new, SGD().fit(old).memory)

    assert fit.report.stop_reason == "tol"
    assert fit.report.passes <= 3
    assert excess_risk(table, fit.model) <= 1.4 * fit.report.excess_risk[-1]


def test_doubt_that_no_pass_can_clear_takes_none():
    old, new = a_table(rows=50_000, features=5, seed=1), a_table(rows=50_000, features=5, seed=2)
    turned = Dataset(new.features, new.target - 4 * new.features[:, 0], new.feature_names, "y")

    report = SGD().partial_fit(turned, SGD().fit(old).memory).report

    assert report.stop_reason == "stall"
    assert report.passes <= 4
    assert report.rebuilt == ""


def test_single_precision_is_widened_where_the_tolerance_asks_for_it():
    table = a_table(rows=40_000, features=3)
    single = Dataset(table.features.astype(np.float32), table.target, table.feature_names, "y")
    old, new = parts(single, first=20_000)
    learner = SGD(precondition="exact", tol=1e-12)

    report = learner.partial_fit(new, learner.fit(old).memory).report

    assert report.stop_reason == "tol"


def test_fit_that_nothing_certified_leaves_no_memory():
    assert SGD(max_passes=1).fit(a_table(rows=20_000)).memory is None


def test_exact_moments_are_remembered_as_exact():
    table = a_table(rows=60_000, features=3)
    old, new = parts(table, first=30_000)
    learner = SGD(precondition="exact")

    memory = learner.partial_fit(new, learner.fit(old).memory).memory

    assert memory.uncertainty == 0
    covariance = memory.spread.factor.T @ memory.spread.factor
    np.testing.assert_allclose(covariance, np.cov(table.features.T, ddof=0), rtol=1e-9, atol=1e-12)  # 60,000 roundings


def test_a_day_at_a_time_is_as_good_as_all_days_at_once():
    table = a_table(rows=100_000, features=4)
    days = [table.rows(slice(start, start + 10_000)) for start in range(0, 100_000, 10_000)]

    fit = SGD().fit(days[0])
    for day in days[1:]:
        fit = SGD().partial_fit(day, fit.memory)

    assert excess_risk(table, fit.model) <= 1e-5
    assert fit.memory.rows == 100_000


def test_loss_reported_is_that_of_old_and_new_rows():
    table = a_table(rows=400)
    old, new = parts(table, first=300)

    fit = SGD(tol=1e-12).partial_fit(new, SGD().fit(old).memory)

    errors = fit.model.predict(table.features) - table.target
    assert fit.report.loss == pytest.approx(np.mean(errors**2), rel=1e-9)  # sums of the same squares in two ways


def test_remembered_sums_are_those_of_the_rows():
    table = a_table(rows=500, features=3)
    origin, w = np.array([1.0, -2.0, 0.5, 7.0]), np.array([0.3, 4.0, -1.0, 2.0])
    residuals = (table.features - origin[:-1]) @ w[:-1] + w[-1] - (table.target - origin[-1])

    gradient, squares = SGD().fit(table).memory.sums(w, origin)

    # Sums of 500 rows of size 10, rounded at 1e-16 each, by way of second moments.
    np.testing.assert_allclose(gradient[:-1], residuals @ (table.features - origin[:-1]), rtol=1e-10)
    np.testing.assert_allclose([gradient[-1], squares], [residuals.sum(), residuals @ residuals], rtol=1e-10)


def test_other_columns_are_refused():
    memory = SGD().fit(a_table(features=2)).memory

    with pytest.raises(OtherColumns, match="x0, x1, x2, y, but what is learnt on from has x0, x1, y"):
        SGD().partial_fit(a_table(features=3), memory)


def test_plain_descent_has_no_memory_to_learn_on_from():
    memory = SGD().fit(a_table()).memory

    with pytest.raises(BadSetting, match="precondition"):
        SGD.textbook().partial_fit(a_table(), memory)
    assert SGD.textbook().fit(a_table()).memory is None
