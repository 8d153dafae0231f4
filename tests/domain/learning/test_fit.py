"""Progress and report of a fit."""

from itertools import pairwise

import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.learning.sgd import SGD
from domain.model.scores import evaluate
from tests.support.examples import a_table
from tests.support.sgd.least_squares import relative_excess_loss

# More rows than the sample has, so that they are descended and certified.
TABLE = a_table(rows=20_000, features=3)


def test_report_of_a_small_table_is_that_of_one_exact_pass():
    table = a_table(rows=100)

    fit = SGD().fit(table)

    report = fit.report
    assert (report.stop_reason, report.warning, report.passes, report.rows_seen) == ("exact", "", 1, 100)
    assert report.losses == (report.loss,)
    assert report.loss == pytest.approx(evaluate(fit.model, table).mse, rel=1e-12)  # rounding of two formulas
    assert (report.rank, report.steps) == (2, 0)
    assert report.metrics().items() >= {"rank": 2, "passes": 1, "sample_seconds": report.seconds["sample"]}.items()


def test_report_of_a_large_table_has_descent_and_certificate_of_the_model():
    fit = SGD(batch_size=500).fit(TABLE)

    report = fit.report
    assert report.stop_reason == "tol"
    assert (report.passes, report.rows_seen) == (2, 40_000)
    assert (report.steps, report.batch_size) == (40, 500)
    assert len(report.losses) == 2
    assert set(report.seconds) == {"sample", "descent", "certificate"}
    assert report.total_seconds == sum(report.seconds.values()) > 0
    assert report.loss == pytest.approx(evaluate(fit.model, TABLE).mse, rel=1e-12)
    excess = relative_excess_loss(TABLE, fit.model)
    assert report.relative_excess_loss[-1] == pytest.approx(excess, rel=0.4)  # a sample's estimate


def test_passes_that_run_out_are_reported_with_the_certificates_that_were_made():
    # The sample lacks the fourth feature: with three passes, a descent is given up; with fewer, the rows are factored.
    rare = np.column_stack([TABLE.features, np.arange(20_000) == 77])
    for table in (TABLE, Dataset(rare, TABLE.target, tuple("abcd"), "y")):
        for passes in (1, 2, 3):
            report = SGD(tol=None, max_passes=passes).fit(table).report

            complete = passes - (passes == 3 and table is not TABLE)
            assert (report.stop_reason, report.passes) == ("max_passes", passes)
            assert report.warning
            assert (len(report.losses), len(report.relative_excess_loss)) == (complete, complete - 1)


def test_tolerance_below_rounding_stalls():
    report = SGD(tol=1e-300).fit(TABLE).report

    assert report.stop_reason == "stall"
    assert report.warning
    assert min(report.relative_excess_loss) < 1e-20


def test_moments_are_those_of_the_sample_or_of_all_rows_where_these_were_factored():
    constant = Dataset(np.column_stack([TABLE.features, np.ones(20_000)]), TABLE.target, tuple("abcd"), "y")

    sampled, factored = SGD().fit(TABLE).moments, SGD(max_passes=2).fit(constant).moments

    assert (sampled.rows, sampled.measured_rows) == (20_000, 4_096)
    assert (factored.rows, factored.measured_rows) == (20_000, 20_000)
    np.testing.assert_allclose(factored.mean, constant.features.mean(axis=0), rtol=1e-12)
    covariance = np.cov(constant.features.T, bias=True)
    np.testing.assert_allclose(factored.factor.T @ factored.factor, covariance, atol=1e-12)
    # 4,096 rows have the covariance to 1/64 of the variances, 1, a few of these in the worst of nine.
    np.testing.assert_allclose(sampled.factor.T @ sampled.factor, covariance[:3, :3], atol=0.1)
    assert factored.residual_variance == pytest.approx(evaluate(SGD().fit(TABLE).model, TABLE).mse * 2e4 / (2e4 - 4))
    assert SGD().fit(a_table(rows=3)).moments.residual_variance is None


def test_progress_names_phase_rows_passes_loss_and_certificate():
    seen = []

    report = SGD(tol=1e-12).fit(TABLE, seen.append).report

    assert {progress.phase for progress in seen} == {"descent", "certificate"}
    assert seen[-1].passes == report.passes
    assert seen[-1].rows_seen == report.rows_seen
    assert seen[-1].loss == report.losses[-1]
    assert any(progress.relative_excess_loss == report.relative_excess_loss[0] for progress in seen)
    assert all(later.rows_seen >= earlier.rows_seen for earlier, later in pairwise(seen))


@pytest.mark.parametrize(
    ("column", "change"),
    [(np.full(20_000, 7.3), 1), (np.zeros(20_000), 1e-140), (TABLE.features[:, 0] * 3, 1)],
    ids=["constant", "zero", "copy"],
)
def test_directions_that_the_sample_lacks_are_left_out_until_a_row_varies_there(column, change):
    varied = column + change * (np.arange(20_000) == 77)  # a row that is not in the sample

    without, found = (
        SGD().fit(Dataset(np.column_stack([TABLE.features, last]), TABLE.target, tuple("abcd"), "y")).report
        for last in (column, varied)
    )

    assert set(without.seconds) == {"sample", "descent", "certificate"}
    assert (without.rank, without.passes, without.stop_reason) == (3, 2, "tol")
    assert set(found.seconds) == {"sample", "descent", "factor", "certificate"}
    assert (found.rank, found.passes, found.stop_reason, found.steps) == (4, 3, "tol", 0)
