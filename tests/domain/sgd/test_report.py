"""What a fit tells about itself, while it runs and afterwards."""

from itertools import pairwise

import numpy as np
import pytest

from domain.dataset import Dataset
from domain.scores import evaluate
from domain.sgd import SGD
from tests.domain.sgd.least_squares import excess_risk
from tests.examples import a_table

# More rows than the sample has, so that they are descended and certified.
TABLE = a_table(rows=20_000, features=3)


def test_report_of_a_small_table_is_that_of_one_exact_pass():
    table = a_table(rows=100)

    fit = SGD().fit(table)

    report = fit.report
    assert (report.stop_reason, report.warning, report.passes, report.rows_seen) == ("exact", "", 1, 100)
    assert report.losses == (report.loss,)
    assert report.loss == pytest.approx(evaluate(fit.model, table).mse, rel=1e-12)  # rounding of two formulas
    assert report.rank == 2
    assert (report.steps, report.predicted_excess, report.drift) == (0, None, None)


def test_report_of_a_large_table_tells_of_descent_and_certificate():
    fit = SGD(batch_size=500).fit(TABLE)

    report = fit.report
    assert report.stop_reason == "tol"
    assert (report.passes, report.rows_seen) == (2, 40_000)
    assert (report.steps, report.batch_size) == (40, 500)
    assert len(report.losses) == 2
    assert report.loss == pytest.approx(evaluate(fit.model, TABLE).mse, rel=1e-12)
    assert report.learning_rate == 0.5 / (1 + 2 * 4 / 500)  # three features and the intercept
    # What a certificate is worth.
    assert report.excess_risk[-1] == pytest.approx(excess_risk(TABLE, fit.model), rel=0.4)
    assert 0.1 < report.predicted_excess / report.excess_risk[-1] < 10  # one draw of what is right in the mean
    assert report.drift == pytest.approx(1, abs=0.5)
    assert set(report.seconds) == {"sample", "solve", "descent", "certificate"}
    assert report.total_seconds == sum(report.seconds.values()) > 0


def test_one_pass_has_a_prediction_and_no_certificate_and_says_so():
    fit = SGD(max_passes=1).fit(TABLE)

    assert (fit.report.stop_reason, fit.report.passes, fit.report.excess_risk) == ("max_passes", 1, ())
    assert "max_passes" in fit.report.warning
    assert excess_risk(TABLE, fit.model) < 30 * fit.report.predicted_excess


def test_tolerance_below_rounding_stalls_and_says_so():
    single = Dataset(TABLE.features.astype(np.float32), TABLE.target.astype(np.float32), TABLE.feature_names, "y")

    report = SGD(tol=1e-300).fit(single).report

    assert report.stop_reason == "stall"
    assert "rounding" in report.warning


def test_rows_that_differ_from_block_to_block_show_as_drift():
    order = np.argsort(TABLE.target)

    report = SGD(batch_size=500).fit(TABLE.rows(order)).report

    assert report.drift > 2


def test_progress_names_phase_rows_passes_loss_and_certificate():
    seen = []

    report = SGD(tol=1e-12).fit(TABLE, seen.append).report

    assert {progress.phase for progress in seen} == {"descent", "certificate"}
    assert seen[-1].passes == report.passes
    assert seen[-1].rows_seen == report.rows_seen
    assert seen[-1].loss == report.losses[-1]
    assert any(progress.excess_risk == report.excess_risk[0] for progress in seen)
    assert all(later.rows_seen >= earlier.rows_seen for earlier, later in pairwise(seen))


def test_facts_are_the_numbers_that_were_measured():
    facts = SGD().fit(a_table(rows=100)).report.facts()

    assert facts["rank"] == 2
    assert "drift" not in facts
    assert {"fit_seconds", "sample_seconds", "solve_seconds"} <= set(facts)


def test_progress_that_raises_ends_the_fit():
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SGD().fit(TABLE, interrupt)


@pytest.mark.parametrize("precondition", ["sample", "exact"])
def test_exact_moments_are_a_setting(precondition):
    report = SGD(precondition=precondition, tol=1e-12).fit(TABLE).report

    assert report.rebuilt == ("asked for" if precondition == "exact" else "")
    assert report.stop_reason == "tol"
