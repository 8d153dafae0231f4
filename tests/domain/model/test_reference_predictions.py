import json
from dataclasses import replace

import numpy as np
import pytest

from domain.learning.sgd import SGD
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments
from domain.model.reference_predictions import MAX_CELLS, MAX_ROWS, ReferencePredictions
from domain.model.serialization import from_record, to_record
from tests.support.examples import a_lineage, a_model, a_training
from tests.support.mixed_tables import a_mixed_model, moments_of

MODEL = a_model(938.2, -71.5)
ROWS = [[0.061, 0.021], [-0.051, -0.026], [0.0, 0.0]]
REFERENCE = ReferencePredictions(ROWS, MODEL.predict(np.array(ROWS)))


def moments(mean):
    """Return moments of independent terms of variance 1, without the checks that take long for many terms."""
    made = object.__new__(Moments)
    for name, value in (("mean", mean), ("factor", np.ones((1, len(mean))))):
        object.__setattr__(made, name, value)
    return made


def record(**changes):
    made = json.loads(json.dumps(to_record(ModelVersion("7", MODEL, a_lineage(), REFERENCE))))
    return made | {"golden": made["golden"] | changes}


@pytest.mark.parametrize("learner", [SGD(), SGD.textbook(0.05, 100)])
def test_reference_rows_spread_like_the_training_rows_and_are_none_of_them(learner):
    training = a_training()
    training = replace(training, fit=learner.fit(training.split.train))
    seen = training.split.train.features

    reference = training.reference_predictions()

    rows = np.array(reference.rows)
    assert rows.shape == (MAX_ROWS, 2)
    assert rows[0] == pytest.approx(seen.mean(axis=0), rel=1e-3)  # four digits
    # Sixteen draws of a normal variable: their standard deviation is within half of its own in all but freak cases.
    assert rows.std(axis=0) == pytest.approx(seen.std(axis=0), rel=0.5)
    assert not {tuple(row) for row in rows.tolist()} & {tuple(row) for row in seen.tolist()}
    assert reference.mismatch(training.fit.model) == ""
    assert np.array_equal(training.fit.model.predict(rows), reference.predictions)


def test_reference_rows_of_other_kinds_test_the_columns_as_well_as_the_weights():
    model = a_mixed_model()

    reference = ReferencePredictions.sample_like(moments_of(model), model)

    assert [type(cell) for cell in reference.rows[0]] == [float, bool, str, str]
    assert [cell is None for cell in reference.rows[-1]] == [True, False, True, False]
    assert reference.mismatch(model) == ""
    area, new, city, sold = model.encoding.columns
    for columns in (
        (replace(area, fill=90.0), new, city, sold),
        (area, new, replace(city, levels=city.levels[::-1]), sold),
        (area, new, city, replace(sold, origin=sold.origin + 86_400)),
    ):
        other = replace(model, encoding=replace(model.encoding, columns=columns))
        assert reference.mismatch(other) != "", columns


def test_same_training_gives_the_same_reference_predictions():
    first, again, other = (a_training(features=features).reference_predictions() for features in (2, 2, 3))

    assert first == again
    assert hash(first) == hash(again)
    for different in (other, None):
        assert first != different


def test_wide_model_has_fewer_rows_than_cells_are_allowed_and_one_at_least():
    for features, rows in ((512, MAX_CELLS // 512), (MAX_CELLS + 1, 1)):
        model = LinearModel(np.ones(features), 0.0, tuple(map(str, range(features))))
        reference = ReferencePredictions.sample_like(moments(np.zeros(features)), model)
        assert (len(reference.rows), len(reference.rows[0])) == (rows, features)


def test_model_that_overflows_on_typical_rows_has_none():
    huge = LinearModel(np.full(2, 1.7e308), 0.0, ("a", "b"))

    assert ReferencePredictions.sample_like(moments(np.full(2, 10.0)), huge) is None


def test_c12_model_with_another_prediction_of_a_reference_row_is_refused():
    known = REFERENCE.predictions
    for place in range(len(ROWS)):
        for change in (1 + 3e-9, 1 - 3e-9, -1.0, 0.0, 2.0):
            wrong = known.copy()
            wrong[place] *= change
            with pytest.raises(CorruptModel, match=f"prediction of reference row {place} is"):
                from_record(record(predictions=wrong.tolist()), "7")
    assert from_record(record(predictions=(known * (1 + 3e-10)).tolist()), "7").name == "7"


def test_rounding_where_large_terms_cancel_is_no_difference():
    model = LinearModel([1e12, -1e12], 0.0, ("a", "b"))
    rows = np.array([[0.1, 0.1]])
    exact = ReferencePredictions(rows, model.predict(rows))

    assert exact.mismatch(LinearModel([1e12, -1e12], 1e-5, ("a", "b"))) == ""
    assert exact.mismatch(LinearModel([1e12, -1e12], 1.0, ("a", "b"))) != ""


def test_prediction_that_overflows_is_a_mismatch():
    assert "reference row 0" in ReferencePredictions([[1e10]], [1.0]).mismatch(LinearModel([1e300], 0.0, ("a",)))


def test_invalid_reference_predictions_are_a_corrupt_model():
    values = (None, [], [[]], [1.0], [[1.0, 2.0], [3.0]], [["1", 2]], [[float("nan"), 1.0]], {}, [[0.1], [0.1], [0.1]])
    invalid = [record(**{key: value}) for key in ("rows", "predictions") for value in values]
    forms = (None, {}, {"rows": ROWS}, [], {"rows": ROWS, "predictions": [1, 2, 3], "more": 1})

    for made in (*invalid, *(record() | {"golden": form} for form in forms)):
        with pytest.raises(CorruptModel):
            from_record(made, "7")


def test_too_many_rows_and_numbers_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="1 to 16"):
        ReferencePredictions(np.zeros((17, 1)), np.zeros(17))
    with pytest.raises(ValueError, match="finite"):
        ReferencePredictions([[0.0]], [np.inf])
