"""The oracle of the learner agrees with numpy about the excess of known weights."""

import numpy as np
import pytest

from domain.model.linear_model import LinearModel
from tests.support.sgd.hard_data import CASES
from tests.support.sgd.truth import LeastSquares


@pytest.mark.parametrize("name", ["n_5000", "polynomial_sorted"])
def test_a_known_deviation_from_the_optimum_has_the_excess_of_its_predictions(name):
    features, target = CASES[name]()
    names = tuple(f"x{column}" for column in range(features.shape[1]))
    problem = LeastSquares(features, target)
    slopes, intercept = problem.solution()
    optimum = problem.judge(LinearModel(slopes, intercept, names))
    deviation = 1e-4 * np.random.default_rng(1).standard_normal(len(names)) / features.std(axis=0)

    judged = problem.judge(LinearModel(slopes + deviation, intercept, names))

    moved = (slopes + deviation) - slopes  # as it was rounded
    assert optimum.excess < 1e-20
    # The optimum itself is off by √rounding of the residuals at most; that times the deviation's own is the cross term.
    assert judged.excess == pytest.approx(np.mean((features @ moved) ** 2) / optimum.mse, rel=1e-6)
