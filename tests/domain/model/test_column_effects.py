from dataclasses import replace

import numpy as np
import pytest

from domain.features.datetime_column import DAY_SECONDS
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.column_effects import EMPTY, RARE, ColumnEffect, column_effects, largest_change, pair_spreads
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import input_values
from tests.support.examples import a_model
from tests.support.mixed_tables import LEVELS, a_mixed_model, moments_of

TYPICAL = {"area": 80.0, "new": False, "home city": "elsewhere", "sold": "2020-09-13T12:26:40Z"}


@pytest.fixture
def model():
    """A mixed model whose products are left out: an effect is then the whole effect of its column."""
    mixed = a_mixed_model()
    encoding = replace(mixed.encoding, products=())
    return LinearModel(mixed.coefficients[: len(encoding.term_names)], 12.0, encoding)


def change(model, name, cell):
    """Return the change of the prediction if one cell of the typical row is replaced."""
    rows = [TYPICAL | {name: cell}, TYPICAL]
    return float(np.subtract(*model.predict(input_values(rows, model.encoding))))


def test_effects_are_the_changes_of_a_prediction_that_one_column_makes(model):
    effects = {effect.name: effect for effect in column_effects(model, None)}

    for name, known in (("area", None), ("home city", "Moss"), ("new", None)):
        cells = {EMPTY: None, RARE: known, "true": True, "false": False}
        for level, effect in effects[name].levels:
            assert effect == pytest.approx(change(model, name, cells.get(level, level)), abs=1e-12), (name, level)
    for number, effect in effects["area"].curve:
        assert effect == pytest.approx(change(model, "area", number), abs=1e-12)
    assert [level for level, _ in effects["home city"].levels] == [*LEVELS, RARE, EMPTY]
    assert [number for number, _ in effects["area"].curve] == [20.0, 90.0, 200.0]


def test_effect_of_a_datetime_is_its_trend_and_each_part_of_the_calendar(model):
    (sold,) = (effect for effect in column_effects(model, None) if effect.kind == "datetime")
    terms = dict(zip(model.term_names, model.coefficients, strict=True))
    months = [value for level, value in sold.levels if level.startswith("month ")]

    slope = terms["sold in days"]
    assert [moment for moment, _ in sold.curve] == [1.6e9 + day * DAY_SECONDS for day in (0.0, 900.0, 2000.0)]
    assert sold.curve[1][1] - sold.curve[0][1] == pytest.approx(900.0 * slope, rel=1e-9)
    assert months[4] - months[0] == pytest.approx(terms["sold month=5"] - terms["sold month=1"], abs=1e-12)
    assert sum(months) == pytest.approx(0.0, abs=1e-12)
    assert len(sold.levels) == 12 + 24


def test_columns_are_ordered_by_their_spread_and_pairs_have_their_own():
    model = a_mixed_model()

    effects, pairs = column_effects(model, moments_of(model)), pair_spreads(model, moments_of(model))

    spreads = [effect.spread for effect in effects]
    assert spreads == sorted(spreads, reverse=True)
    assert [name for name, _ in pairs] == sorted(dict(pairs), key=lambda name: -dict(pairs)[name])
    assert set(dict(pairs)) == set(model.encoding.pair_names)


def test_columns_without_moments_are_ordered_by_the_reach_of_their_effects():
    model = a_model(1.0, -3.0, 2.0)

    effects = column_effects(model, None)

    assert [effect.name for effect in effects] == ["bp", "s1", "bmi"]
    assert [effect.spread for effect in effects] == [None] * 3
    assert pair_spreads(model, None) == ()


def test_curve_spans_the_measured_range_or_two_standard_deviations_about_the_mean():
    columns = NumberColumn("area", low=20.0, high=200.0), NumberColumn("age")
    model = LinearModel([0.5, 2.0], 0.0, Encoding(columns))

    curves = {effect.name: effect.curve for effect in column_effects(model, moments_of(model))}

    assert curves["area"] == ((20.0, 10.0), (200.0, 100.0))
    assert curves["age"] == ((-2.0, -4.0), (2.0, 4.0))  # moments_of: mean 0 and deviation 1


def test_largest_change_is_where_both_effects_have_a_place():
    curve = ColumnEffect("x", "number", None, ((0.0, 0.0), (2.0, 2.0)), (("(empty)", 1.0),))
    beyond = ColumnEffect("x", "number", None, ((3.0, 0.0), (4.0, 9.0)))
    empty = ColumnEffect("x", "number", None, ((1.0, 5.0), (9.0, 5.0)), (("(empty)", -7.0),))
    levels = ColumnEffect("x", "category", None, (), (("a", 1.0), ("b", 2.0)))
    others = ColumnEffect("x", "category", None, (), (("b", 5.0), ("c", 90.0)))

    pairs = ((curve, beyond), (curve, empty), (levels, others))

    assert [largest_change(*pair) for pair in pairs] == [None, 8.0, 3.0]
    assert largest_change(curve, ColumnEffect("x", "number", None, ((1.0, 5.0), (9.0, 5.0)))) == 4.0
