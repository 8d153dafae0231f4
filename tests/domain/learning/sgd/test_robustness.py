"""Hard tables: the answer is that of least squares, and the certificate is true."""

import numpy as np
import pytest

from domain.learning.sgd import SGD
from tests.support.sgd.hard_data import CASES, EXACT, SLOW, TOL, dataset
from tests.support.sgd.truth import LeastSquares

# A certificate is an estimate: whitening by a sample leaves curvatures between (1 ± √(k/m))², which is 0.87 to 1.15
# for 20 directions and 4 096 rows. The study measured 0.90 to 1.22.
LOW, HIGH = 0.7, 1.4


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in CASES])
def test_fit_is_within_the_tolerance_and_its_certificate_is_true(name):
    features, target = CASES[name]()
    before = features.copy(), target.copy()

    fit = SGD(tol=TOL).fit(dataset(features, target))

    assert np.array_equal(features, before[0])
    assert np.array_equal(target, before[1])
    problem = LeastSquares(features, target)
    report, judged = fit.report, problem.judge(fit.model)
    assert report.stop_reason in {"tol", "exact"}
    assert not report.warning
    assert report.rank == problem.rank
    if name in EXACT:
        # Squares of rounding errors: a loss of 1e-26 var(y) is where the study stops, ten times that is granted, and
        # where numbers are far from zero, what their digits leave of the residuals (derived in truth.py).
        assert judged.mse <= 1e-25 * np.var(problem.target) + judged.noise
    else:
        assert judged.excess <= 10 * TOL
        if report.stop_reason == "tol":
            # Below what rounding of the residuals and of the gradient leaves, both are noise. It is derived in
            # truth.py, as a mean square, which a single table may exceed ten-fold.
            noise, certified = 10 * judged.rounding, report.relative_excess_loss[-1]
            assert certified >= LOW * judged.excess - noise
            # An estimate above the truth is safe; above the tolerance, the fit would have gone on.
            assert certified <= max(HIGH * judged.excess + noise, TOL)
    assert_smallest_norm(problem, fit.model, judged)


def assert_smallest_norm(problem, model, judged):
    """Redundant columns share the weight of smallest norm."""
    varying = problem.spread[problem.varies]
    if problem.rank == problem.features.shape[1] or (len(varying) and varying.max() > 1e6 * varying.min()):
        return  # of unlike units, numpy's own smallest norm, unscaled, has no digits left
    expected, narrowest = problem.smallest()
    # Predictions are off by √(10 tol · MSE) in the mean and by rounding, derived in truth.py, so weights by that over
    # the narrowest spread of the rows; LAPACK itself is off by a few eps times the condition.
    allowed = np.sqrt((10 * TOL * judged.mse + 10 * judged.noise) * len(problem.target)) / narrowest
    off = np.linalg.norm(model.coefficients - expected)
    assert off <= allowed + 1e-13 * problem.condition * np.linalg.norm(expected)


# The sample decides the path of these fits.
@pytest.mark.parametrize(
    "name", ["rare_binary_of_1e-20", "one_row_of_1e-9", "hilbert_like_with_rare_binary", "two_clusters"]
)
def test_seed_of_the_sample_does_not_matter(name):
    problem = LeastSquares(*CASES[name]())
    for seed in (1, 3):
        fit = SGD(tol=TOL, seed=seed).fit(dataset(problem.features, problem.target))

        judged = problem.judge(fit.model)
        assert fit.report.stop_reason == "tol"
        assert judged.excess <= 10 * TOL
        # As above: the noise of the certificate is ten-fold what rounding leaves in the mean.
        assert fit.report.relative_excess_loss[-1] >= LOW * judged.excess - 10 * judged.rounding
