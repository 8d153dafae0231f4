"""What a model is tried on before it is served."""

import json

import numpy as np
import pytest

from domain.errors import BrokenModel
from domain.golden_rows import MOST_CELLS, MOST_ROWS, GoldenRows
from domain.linear_model import LinearModel
from domain.model_version import ModelVersion
from domain.record import from_record, to_record
from domain.sgd import SGD, Fit
from domain.training import Training
from tests.examples import a_lineage, a_model, a_training, a_version

MODEL = a_model(938.2, -71.5)
ROWS = [[0.061, 0.021], [-0.051, -0.026], [0.0, 0.0]]


def golden_of(model=MODEL, rows=ROWS):
    return GoldenRows(rows, model.predict(np.array(rows)))


def record(golden=None):
    return json.loads(json.dumps(to_record(ModelVersion("7", MODEL, a_lineage(), golden or golden_of()))))


@pytest.mark.parametrize("learner", [SGD(), SGD(precondition=None, learning_rate=0.05)])
def test_trained_model_agrees_with_its_golden_rows_to_the_last_bit(learner):
    training = a_training()
    fit = learner.fit(training.split.train)

    golden = Training(training.data_fingerprint, training.split, fit, training.scores).golden_rows()

    assert golden.rows.shape == (MOST_ROWS, 2)
    assert golden.disagreement(fit.model) == ""
    assert np.array_equal(fit.model.predict(golden.rows), golden.predictions)


def test_golden_rows_spread_as_the_training_rows_do_and_are_none_of_them():
    training = a_training()
    seen = training.split.train.features

    rows = training.golden_rows().rows

    assert rows[0] == pytest.approx(seen.mean(axis=0), rel=1e-3)  # four digits
    # Sixteen draws of a normal variable: their standard deviation is within half of its own in all but freak cases.
    assert rows.std(axis=0) == pytest.approx(seen.std(axis=0), rel=0.5)
    assert not {tuple(row) for row in rows.tolist()} & {tuple(row) for row in seen.tolist()}


def test_same_training_gives_the_same_golden_rows():
    assert a_training().golden_rows() == a_training().golden_rows()
    assert hash(a_training().golden_rows()) == hash(a_training().golden_rows())
    assert a_training().golden_rows() != a_training(features=3).golden_rows()


def test_wide_model_has_fewer_rows_than_cells_are_allowed_and_one_at_least():
    for features, rows in ((512, MOST_CELLS // 512), (MOST_CELLS + 1, 1)):
        model = LinearModel(np.ones(features), 0.0, tuple(map(str, range(features))))
        golden = GoldenRows.like(np.zeros(features), np.ones((1, features)), model)
        assert golden.rows.shape == (rows, features)


def test_model_that_overflows_on_typical_rows_has_none():
    training = a_training()
    fit = training.fit
    huge = Fit(LinearModel(np.full(2, 1.7e308), 0.0, fit.model.feature_names), fit.report, fit.spread)

    assert Training(training.data_fingerprint, training.split, huge, training.scores).golden_rows() is None


def test_version_with_golden_rows_survives_json_to_the_last_bit():
    assert from_record(record(), "7").golden == golden_of()


def test_version_of_old_without_golden_rows_is_read():
    old = to_record(a_version("7"))

    assert "golden" not in old
    assert from_record(old, "7").golden is None


@pytest.mark.parametrize("place", range(len(ROWS)))
@pytest.mark.parametrize("change", [1 + 3e-9, 1 - 3e-9, -1.0, 0.0, 2.0])
def test_c12_model_that_predicts_a_golden_row_otherwise_is_refused(place, change):
    wrong = record()
    wrong["golden"]["predictions"][place] *= change

    with pytest.raises(BrokenModel, match=f"golden row {place} of 3 is predicted as"):
        from_record(wrong, "7")


def test_difference_within_the_tolerance_is_none():
    near = record()
    near["golden"]["predictions"][0] *= 1 + 3e-10

    assert from_record(near, "7").name == "7"


def test_rounding_where_large_terms_cancel_is_no_difference():
    model = LinearModel([1e12, -1e12], 0.0, ("a", "b"))
    rows = np.array([[0.1, 0.1]])
    exact = GoldenRows(rows, model.predict(rows))

    assert exact.disagreement(LinearModel([1e12, -1e12], 1e-5, ("a", "b"))) == ""
    assert exact.disagreement(LinearModel([1e12, -1e12], 1.0, ("a", "b"))) != ""


def test_model_that_overflows_on_a_golden_row_disagrees():
    assert "golden row 0" in GoldenRows([[1e10]], [1.0]).disagreement(LinearModel([1e300], 0.0, ("a",)))


def test_golden_rows_of_another_width_are_refused():
    wrong = record()
    wrong["golden"]["rows"] = [row[:1] for row in ROWS]

    with pytest.raises(BrokenModel, match="have 1 features, not 2"):
        from_record(wrong, "7")


@pytest.mark.parametrize("key", ["rows", "predictions"])
@pytest.mark.parametrize("value", [None, [], [[]], [1.0], [[1.0, 2.0], [3.0]], [["1", 2]], [[float("nan"), 1.0]], {}])
def test_golden_rows_that_are_none_are_refused(key, value):
    wrong = record()
    wrong["golden"][key] = value

    with pytest.raises(BrokenModel):
        from_record(wrong, "7")


def test_more_rows_than_allowed_are_refused():
    with pytest.raises(ValueError, match="1 to 16"):
        GoldenRows(np.zeros((17, 1)), np.zeros(17))


def test_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="finite"):
        GoldenRows([[0.0]], [np.inf])


@pytest.mark.parametrize("golden", [None, {}, {"rows": ROWS}, [], {"rows": ROWS, "predictions": [1, 2, 3], "more": 1}])
def test_golden_rows_of_another_form_are_refused(golden):
    with pytest.raises(BrokenModel):
        from_record(record() | {"golden": golden}, "7")
