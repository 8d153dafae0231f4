from dataclasses import replace

import numpy as np
import pytest

from domain.model.calibration import Calibration
from domain.model.errors import FeatureOutOfRange, IntervalNotFinite, InvalidRow, MissingFeature, PredictionNotFinite
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.prediction_intervals import PredictionIntervals, prediction_intervals
from domain.model.scoring import PREDICTION, Scored, score_block
from tests.support.examples import a_lineage
from tests.support.mixed_tables import a_mixed_model

PLAIN = LinearModel([2.0, -1.0], 10.0, ("area", "age"))


def test_plain_rows_have_the_bits_of_the_model_and_no_bad_row():
    values = np.random.default_rng(0).normal(size=(50, 2)) * 1e160

    block = score_block(LinearModel([2.0, -1.0], 10.0, ("area", "age")), values, "stop")

    assert block.predictions.tobytes() == PLAIN.predict(values).tobytes()
    assert (block.bad, block.counts) == (None, Scored(50))


def test_bad_rows_are_null_and_counted_by_column_or_end_the_scoring():
    values = np.array([[1.0, 2.0], [np.nan, 2.0], [np.inf, -2e300], [9e299, -9e299], [1.0, 3.0]])
    model = LinearModel([1e10, -1.0], 10.0, ("area", "age"))

    block = score_block(model, values, "null")

    assert block.bad.tolist() == [False, True, True, True, False]
    assert block.predictions[[0, 4]].tolist() == model.predict(values[[0, 4]]).tolist()
    assert block.counts == Scored(5, 3, {"area": 2, "age": 1, PREDICTION: 1})
    assert np.isnan(values[1, 0])
    for row, error in ((1, InvalidRow), (2, FeatureOutOfRange), (3, PredictionNotFinite)):
        with pytest.raises(error) as raised:
            score_block(model, np.where(np.isinf(values), 0.0, values)[[0, row]], "stop")
        assert raised.value.row == 1


def test_rows_of_all_kinds_count_unseen_texts_and_empty_cells_of_rows_that_are_not_bad():
    model = a_mixed_model()
    values = np.array([[np.nan, 1, 0, 1.6e9], [90, 0, 9, 1.6e9], [np.nan, np.nan, 9, 1.6e9], [9, 1, np.nan, 1.7e9]])

    block = score_block(model, values, "null")

    assert block.counts == Scored(4, 1, {"new": 1}, {"home city": 1}, {"area": 1, "home city": 1})
    assert block.predictions[[0, 1, 3]].tobytes() == model.predict(values[[0, 1, 3]]).tobytes()
    assert block.counts.as_dict()["bad_cells"] == {"new": 1}
    with pytest.raises(MissingFeature):
        score_block(model, values, "stop")


def test_rows_have_the_intervals_of_requests_and_are_bad_where_one_overflows():
    model = LinearModel([1.0, -1.0], 10.0, ("area", "age"))
    version = ModelVersion("7", model, a_lineage(), None, None, Calibration(1, [1e308]))
    near, far = [1.0, 2.0], [1e300, -1e300]

    block = score_block(model, np.array([near, [np.nan, 1.0], near]), "null", PredictionIntervals.of(version, 0.5))

    assert block.bounds[[0, 2]].tolist() == prediction_intervals(version, np.array([near, near]), 0.5).tolist()
    assert block.bad.tolist() == [False, True, False]
    wide = PredictionIntervals.of(replace(version, calibration=Calibration(1, [1.797e308])), 0.5)
    assert score_block(model, np.array([near, [9e299, -9e299]]) * 1.0, "null", wide).bad is None
    steep = replace(wide, model=LinearModel([1e7, -1e7], 10.0, ("area", "age")))
    overflowing = score_block(steep.model, np.array([near, far]), "null", steep)
    assert (overflowing.bad.tolist(), overflowing.counts.bad_cells) == ([False, True], {PREDICTION: 1})
    with pytest.raises(IntervalNotFinite) as raised:
        score_block(steep.model, np.array([near, far]), "stop", steep)
    assert raised.value.row == 1
