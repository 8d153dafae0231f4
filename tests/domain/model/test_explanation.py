import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.target_transform import IDENTITY, TargetTransform
from domain.model.errors import PredictionNotFinite
from domain.model.explanation import contribution_names, explain
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import input_values
from tests.support.mixed_tables import example_encoding, mixed_tables

TRANSFORMS = (
    IDENTITY,
    TargetTransform(low=-0.25, high=1.5),
    TargetTransform(log=True, correction=1.25),
    TargetTransform(log=True, correction=1.25, low=0.5, high=3.0),
)


@given(mixed_tables(), st.sampled_from(TRANSFORMS), st.integers(0, 99), st.sampled_from((1e-3, 1.0)))
def test_contributions_add_up_to_the_prediction_to_the_last_bit(table, transform, seed, scale):
    encoding, rows = table
    weights = np.random.default_rng(seed).normal(size=len(encoding.term_names))
    # Products of numbers about 1e6 would overflow the exponential.
    model = LinearModel(weights * (1e-12 if transform.log else scale), 0.1, encoding, transform)
    values = input_values(rows, encoding)

    explanation = explain(model, values)

    sums = [math.fsum([explanation.base, *row]) for row in explanation.contributions.tolist()]
    assert sums == model.predict(values).tolist()
    assert len(set(explanation.names)) == len(explanation.names)
    assert explanation.base == model.predict(np.array([[column.typical for column in encoding.columns]])).item()


def test_contributions_are_those_of_columns_and_of_their_products():
    encoding = example_encoding()
    coefficients = dict.fromkeys(encoding.term_names, 0.0) | {"area": 2.0, "area is missing": -5.0, "new": 10.0}
    coefficients |= {"home city=Bergen": 7.0, "area × home city=Bergen": 3.0}
    model = LinearModel(list(coefficients.values()), 100.0, encoding)
    rows = [[110.0, True, "Bergen", "2024-05-01"], [None, False, "elsewhere", "2024-05-01"]]

    explanation = explain(model, input_values(rows, encoding))

    assert explanation.base == 260.0
    assert explanation.names == ("area", "new", "home city", "sold", "area × home city", "area × sold")
    # (110 − 80) / 30 · 1 is the product of standardized area and Bergen.
    assert explanation.contributions.tolist() == [[60.0, 10.0, 7.0, 0.0, 3.0, 0.0], [-5.0, 0.0, 0.0, 0.0, 0.0, 0.0]]


def test_limit_of_predictions_is_a_contribution_of_its_own():
    for names, label in ((("area", "rooms"), "limit"), (("area", "limit"), "(limit)")):
        model = LinearModel([1.0, 2.0], 3.0, names, TargetTransform(high=10.0))

        explanation = explain(model, np.array([[4.0, 2.0], [1.0, 1.0]]))

        assert explanation.names == (*names, label)
        assert explanation.contributions.tolist() == [[4.0, 4.0, -1.0], [1.0, 2.0, 0.0]]


def test_logarithms_contribute_by_their_share():
    model = LinearModel([math.log(2), math.log(8)], 0.0, ("area", "rooms"), TargetTransform(log=True))

    explanation = explain(model, np.array([[1.0, 1.0], [0.0, 0.0], [1e-12, 0.0]]))

    assert explanation.contributions[:2] == pytest.approx(np.array([[3.75, 11.25], [0.0, 0.0]]), rel=1e-12)
    assert explanation.contributions[2, 0] == pytest.approx(math.log(2) * 1e-12, rel=1e-3)


def test_rounding_that_no_column_can_hold_is_a_contribution_of_its_own():
    model = LinearModel([1.0], 0.1, Encoding((NumberColumn("area", fill=1e10),)))

    explanation = explain(model, np.array([[0.3], [1e10]]))

    assert explanation.names == ("area", "rounding")
    assert explanation.contributions[0] == pytest.approx([0.3 - 1e10, 0.0], abs=1e-6)
    assert math.fsum([explanation.base, *explanation.contributions[0].tolist()]) == model.predict([[0.3]]).item()


def test_contribution_that_overflows_is_refused():
    model = LinearModel([1e9, 1e9], 0.0, ("area", "rooms"))

    with pytest.raises(PredictionNotFinite) as caught:
        explain(model, np.array([[1.0, 1.0], [1e295, -1e295]]))

    assert caught.value.row == 1


def test_pair_with_the_name_of_a_column_has_brackets():
    encoding = Encoding(tuple(map(NumberColumn, ("a", "b", "a × b"))), ((0, 1),))

    assert contribution_names(LinearModel(np.ones(4), 0.0, encoding)) == ("a", "b", "a × b", "(a × b)")
