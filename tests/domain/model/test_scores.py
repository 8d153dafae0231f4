from dataclasses import dataclass, replace

import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.model.linear_model import LinearModel
from domain.model.scores import METRICS, Scores, evaluate
from domain.model.serialization import from_record, to_record
from tests.support.examples import a_lineage, a_version


def test_scores_of_a_small_case_worked_by_hand():
    rows = Dataset([[0.0], [1.0], [2.0], [3.0]], [1.0, 1.0, 5.0, 5.0], ("x",), "y")

    scores = evaluate(LinearModel([2.0], 0.0, ("x",)), rows)  # errors -1, 1, -1, 1; spread ±2

    assert scores.as_dict() == {"r2": 0.75, "mse": 1.0, "rmse": 1.0, "mae": 1.0}


def test_single_precision_numbers_whose_squares_overflow_are_scored():
    rows = Dataset(np.array([[0.0], [1.0], [2.0]], np.float32), np.array([1e25, 2e25, 3e25], np.float32), ("x",), "y")

    # The target's own rounding to 24 bits is 1e-8 of it.
    assert evaluate(LinearModel([1e25], 1e25, ("x",)), rows).r2 == pytest.approx(1)


def test_features_are_found_by_name():
    rows = Dataset([[9.0, 0.0], [9.0, 1.0]], [0.0, 1.0], ("noise", "x"), "y")

    assert evaluate(LinearModel([1.0], 0.0, ("x",)), rows).mse == 0


@dataclass(frozen=True, slots=True)
class LaterScores(Scores):
    """The scores of a later version, which has one more metric."""

    max_error: float | None = None


def test_metric_of_a_later_version_leaves_records_readable_both_ways():
    kept = Scores(r2=0.5, mse=4.0, rmse=2.0, mae=1.0).as_dict()
    version = replace(a_version(), lineage=replace(a_lineage(), scores=LaterScores.from_dict(kept)))

    assert from_record(to_record(version), version.name).lineage.scores.as_dict() == kept
    assert LaterScores.from_dict(kept).as_dict() == kept
    assert Scores.from_dict(kept | {"max_error": 9.0}).as_dict() == kept
    with pytest.raises(ValueError, match="mae"):
        Scores.from_dict({name: kept[name] for name in ("r2", "mse", "rmse")})


def test_metrics_have_units_and_a_direction():
    assert [name for name, metric in METRICS.items() if metric.greater_is_better] == ["r2"]
    assert [metric.unit for metric in METRICS.values()] == ["", "target units squared", "target units", "target units"]
