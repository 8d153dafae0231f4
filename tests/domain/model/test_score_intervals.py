import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.model.linear_model import LinearModel
from domain.model.score_intervals import score_intervals
from domain.model.scores import Scores, evaluate

MODEL = LinearModel([1.0], 0.0, ("x",))


def rows_with_errors(errors, scale=1.0):
    x = np.random.default_rng(1).normal(size=len(errors))
    return Dataset(x[:, np.newaxis] * scale, (x + errors) * scale, ("x",), "y")


@pytest.mark.parametrize("count", [500, 5_000, 200_000])  # each row, groups of rows, groups of a sample
def test_intervals_have_the_width_of_the_standard_error(count):
    rows = rows_with_errors(np.random.default_rng(2).normal(size=count))
    scores = evaluate(MODEL, rows)

    intervals = score_intervals(scores, MODEL, rows)

    # Of normal errors and features, by the delta method.
    errors = {"rmse": np.sqrt(0.5 / count), "mae": np.sqrt((1 - 2 / np.pi) / count), "r2": np.sqrt(0.5 / count)}
    assert set(intervals) == set(errors)
    for name, (low, high) in intervals.items():
        assert low < getattr(scores, name) < high
        # 1,000 resamples place each end to about a twentieth of the width.
        assert high - low == pytest.approx(2 * 1.96 * errors[name], rel=0.1)


def test_few_rows_have_no_intervals_and_huge_or_repeated_targets_have_some():
    assert score_intervals(evaluate(MODEL, nine := rows_with_errors(np.ones(9) * 0.1)), MODEL, nine) == {}
    huge = rows_with_errors(np.linspace(-1, 1, 30), scale=1e149)
    assert score_intervals(evaluate(MODEL, huge), MODEL, huge)["rmse"].high > 1e148
    constant = Dataset(np.arange(10.0)[:, np.newaxis], np.ones(10), ("x",), "y")
    assert set(score_intervals(Scores(0.0, 1.0, 1.0, 1.0), MODEL, constant)) == {"rmse", "mae"}
    rare = Dataset(np.zeros((10, 1)), [1.0] + [0.0] * 9, ("x",), "y")  # a third of the resamples have one value
    assert np.isfinite(score_intervals(evaluate(MODEL, rare), MODEL, rare)["r2"]).all()
