import numpy as np
import pytest

import domain.model.importance
from domain.data.dataset import Dataset
from domain.features.encoded_rows import EncodedRows
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.learning.sgd import SGD
from domain.model.effect_parts import effect_parts
from domain.model.importance import importances, summed_spread
from domain.model.linear_model import LinearModel
from tests.support.examples import a_hostile_training, a_table


@pytest.fixture(scope="module")
def with_products():
    """Training rows, and the fit of two numbers and their product, which has centers and scales of other rows."""
    random = np.random.default_rng(5)
    features = random.normal([3.0, -1.0], [2.0, 0.5], size=(400, 2))
    target = features @ [1.0, 4.0] + 0.5 * features.prod(axis=1) + random.normal(size=400)
    rows = Dataset(features, target, ("a", "b"), "y")
    columns = NumberColumn("a", center=1.0, scale=3.0), NumberColumn("b", center=0.5, scale=2.0)
    encoding = Encoding(columns, products=((0, 1),))
    fit = SGD().fit(EncodedRows(rows, encoding))
    return rows, LinearModel(fit.model.coefficients, fit.model.intercept, encoding), fit.moments


def test_parts_add_up_to_the_model_and_main_effects_are_averages_over_the_rows(with_products):
    rows, model, moments = with_products

    parts = effect_parts(model, moments.mean)

    assert [part.name for part in parts] == ["a", "b", "a × b"]
    weights = [part.weights(model.coefficients) for part in parts]
    assert np.sum(weights, axis=0) == pytest.approx(model.coefficients, rel=1e-12)
    for place, part in enumerate(weights[:2]):
        moved = [np.where(np.arange(2) == place, value, rows.features) for value in (0.0, 1.0)]
        low, high = (np.mean(model.predict(values)) for values in moved)
        assert part[place] == pytest.approx(high - low, rel=1e-9)


def test_importance_is_the_spread_of_the_effect_over_the_rows(with_products):
    rows, model, moments = with_products

    found = importances(model, moments, rows)

    terms, parts = model.encoding.encode(rows.features), effect_parts(model, moments.mean)
    effects = {part.name: terms @ part.weights(model.coefficients) for part in parts}
    assert [importance.name for importance in found] == sorted(effects, key=lambda name: -effects[name].std())
    assert [importance.spread for importance in found] == pytest.approx(
        [effects[importance.name].std() for importance in found], rel=1e-9
    )
    assert summed_spread(model, moments, found[:2]) == pytest.approx(
        sum(effects[importance.name] for importance in found[:2]).std(), rel=1e-9
    )


def test_intervals_hold_the_spread_of_the_true_coefficients_in_most_samples():
    held = []
    for seed in range(100):
        rows = a_table(rows=80, features=2, seed=seed, noise=3.0)
        fit = SGD().fit(rows)
        for importance in importances(fit.model, fit.moments, rows):
            place = importance.columns[0]
            truth = (1 + place) * rows.features[:, place].std()
            held.append(importance.interval.low <= truth <= importance.interval.high)

    assert 0.91 < np.mean(held) < 0.99  # 200 intervals of 95 %: two standard errors are 0.03


def test_penalty_and_redundant_terms_narrow_no_interval_to_nothing(monkeypatch):
    rows = a_table(rows=80, features=1)
    twice = Dataset(np.repeat(rows.features, 2, axis=1), rows.target, ("a", "b"), "y")
    wide, narrow = (
        importances(fit.model, fit.moments, twice, penalty)[0].interval
        for penalty in (0.0, 1e3)
        for fit in [SGD(penalty=penalty).fit(twice)]
    )

    assert 0 < narrow.high - narrow.low < wide.high - wide.low < 1
    monkeypatch.setattr(domain.model.importance, "MAX_TERMS", 10)
    assert {importance.interval for importance in a_hostile_training().importances} == {None}
