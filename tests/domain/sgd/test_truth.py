"""The judge is judged: the true excess agrees with numpy's least squares, and sees a known deviation as what it is."""

import numpy as np
import pytest

from domain.linear_model import LinearModel
from tests.domain.sgd.hard_data import CASES
from tests.domain.sgd.truth import LeastSquares


def a_model(coefficients, intercept: float) -> LinearModel:
    return LinearModel(coefficients, intercept, tuple(f"x{column}" for column in range(len(coefficients))))


@pytest.mark.parametrize("name", ["n_4097", "n_5000", "n_4200_d_200", "one_sorted_column", "one_hot_sorted"])
def test_least_squares_by_numpy_have_no_excess(name):
    features, target = CASES[name].table()
    weights = np.linalg.lstsq(np.column_stack([features, np.ones(len(features))]), target, rcond=1e-13)[0]

    judgement = LeastSquares(features, target).judge(a_model(weights[:-1], weights[-1]))

    assert judgement.excess < 1e-24  # LAPACK's rounding, (1e-15 · √n · a few)² where the condition is mild
    assert judgement.mse == pytest.approx(np.mean((features @ weights[:-1] + weights[-1] - target) ** 2), rel=1e-12)


@pytest.mark.parametrize("name", ["n_5000", "n_4200_d_200", "polynomial_sorted", "lognormal_features"])
@pytest.mark.parametrize("size", [1.0, 1e-4])
def test_a_known_deviation_from_the_optimum_has_the_excess_of_its_predictions(name, size):
    features, target = CASES[name].table()
    problem = LeastSquares(features, target)
    optimum = a_model(*problem.solution())
    deviation = size * np.random.default_rng(1).standard_normal(features.shape[1]) / features.std(axis=0)

    judgement = problem.judge(a_model(optimum.coefficients + deviation, optimum.intercept))

    moved = (optimum.coefficients + deviation) - optimum.coefficients  # as it was rounded
    expected = np.mean((features @ moved) ** 2) / problem.judge(optimum).mse
    # The optimum itself is off by √rounding of the residuals at most; that times the deviation's own is the cross term.
    assert judgement.excess == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ["duplicates_and_constant", "one_hot_sorted", "n_50_d_80"])
def test_weights_that_predict_alike_have_the_same_excess_and_the_smallest_is_numpys(name):
    features, target = CASES[name].table()
    problem = LeastSquares(features, target)
    slopes, intercept = problem.solution()
    smallest, _ = problem.smallest()

    centred = features - features.mean(axis=0)

    # Both solve the same centred problem: LAPACK's rounding of predictions of size 10 in all.
    np.testing.assert_allclose(centred @ smallest, centred @ slopes, atol=1e-11)
    assert np.linalg.norm(smallest) <= np.linalg.norm(slopes) * (1 + 1e-12)
    assert problem.rank == np.linalg.matrix_rank(centred)
    assert np.isfinite(intercept)
