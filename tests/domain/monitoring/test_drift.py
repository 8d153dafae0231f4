import math
import re

import numpy as np
import pytest

from domain.data.columns import Column
from domain.delivery.evidence import two_shares_differ
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.column_bins import LevelBins, NumberBins
from domain.model.distributions import Distribution, Distributions
from domain.model.linear_model import LinearModel
from domain.monitoring.drift import ALPHA, column_drifts, mean_evidence
from domain.monitoring.drift_window import HALF_ROWS
from domain.monitoring.shares import shares_of
from domain.monitoring.stability_index import stability_index
from domain.monitoring.window_share import log_share
from tests.domain.model.test_distributions import mixed_values
from tests.support.mixed_tables import a_mixed_model

# Looks at each half of a window, in simulations.
LOOKS = 8


def ten_numbers(random: np.random.Generator, rows: int) -> tuple[LinearModel, Distributions]:
    model = LinearModel(np.linspace(-1, 1, 10), 0.0, tuple(f"x{place}" for place in range(10)))
    return model, Distributions.of(model, random.normal(size=(rows, 10)), seed=0)


def test_at_most_one_column_of_a_hundred_alarms_in_a_thousand_days_without_drift():
    random, alarmed, columns = np.random.default_rng(16), 0, 100
    days, daily_rows, training_rows = 1_000, 500, 2_000
    rows = HALF_ROWS // LOOKS
    place = np.arange(days * daily_rows // rows)
    begin = np.maximum(place // LOOKS - 1, 0)
    # Of a model with one column: that of the column and that of the predictions.
    levels = math.log(2 / ALPHA) - np.array([log_share(1 + half) for half in range(begin[-1] + 1)])[begin]
    for _ in range(columns):
        bins = NumberBins.fit(random.random(training_rows // 8))
        shares = [*np.diff([0.0, *bins.edges, 1.0]), 0.0]
        training = Distribution(bins, tuple(random.multinomial(training_rows, shares).tolist()))
        counts = np.cumsum(random.multinomial(rows, shares, size=len(place)), axis=0)
        counts = (counts - np.vstack([np.zeros(len(shares), dtype=np.int64), counts])[begin * LOOKS]).T

        shares = shares_of(bins)
        evidence = two_shares_differ(*shares.count(counts), *shares.count(np.array(training.counts)[:, np.newaxis]))

        alarmed += bool((mean_evidence(evidence) >= levels).any())
    assert alarmed <= columns / 100, f"{alarmed} of {columns} columns alarmed within {days} days"


def test_shift_of_half_a_deviation_in_one_of_ten_columns_is_found_within_two_thousand_rows():
    found, runs, batch = [], 40, 250
    for seed in range(runs):
        random = np.random.default_rng(seed)
        model, training = ten_numbers(random, 1_000)
        counts = np.zeros(training.size, dtype=np.int64)
        for rows in range(batch, 2_001, batch):
            values = random.normal(size=(batch, 10))
            values[:, 3] += 0.5
            counts += training.count(values, model.predict(values))
            drifts = column_drifts(training, model.encoding, counts)
            if [drift.name for drift in drifts if drift.has_drifted] == ["x3"]:
                found.append(rows)
                break
    assert len(found) >= 0.95 * runs, f"found in {len(found)} of {runs} runs, after {sorted(found)} rows"


def test_change_of_a_shifted_column_is_its_values_from_an_edge_on():
    random = np.random.default_rng(0)
    model, training = ten_numbers(random, 1_000)
    values = random.normal(size=(500, 10))
    values[:, 3] += 0.5

    drift = column_drifts(training, model.encoding, training.count(values, model.predict(values)))[3]

    assert re.fullmatch(r"more values from [-\d.]+ on \(\d+ %, in training \d+ %\)", drift.change.text)


def test_rare_levels_of_a_long_tail_are_no_drift():
    """Texts that the training rows lack come at the rate of those that they have once."""
    random = np.random.default_rng(3)
    weights = 1 / np.arange(1, 401)
    weights /= weights.sum()
    names = np.array([f"level {place:03}" for place in range(400)])
    alarmed = []
    for seed in range(20):
        drawn = random.choice(400, size=1_500, p=weights)
        column = CategoryColumn.fit(Column("city", "category", tuple(names)), drawn.astype(float))
        codes = {level: float(place) for place, level in enumerate(column.column.levels)}
        model = LinearModel(np.zeros(len(column.term_names)), 0.0, Encoding((column,)))
        training = Distributions.of(model, np.array([[codes[name]] for name in names[drawn]]), seed)
        later = names[random.choice(400, size=20_000, p=weights)]
        values = np.array([[codes.get(name, column.typical)] for name in later])

        (city, _) = column_drifts(training, model.encoding, training.count(values, np.zeros(len(values))))

        alarmed.append(city.is_sure)
    assert not any(alarmed), f"{sum(alarmed)} of {len(alarmed)} columns alarmed"


def test_change_names_the_share_that_differs_most():
    model = a_mixed_model()
    training = Distributions.of(model, mixed_values(4_000), seed=1)
    later = mixed_values(3_000)
    cases = {
        "area": (slice(0, 600), np.nan, "more empty cells (28 %, in training 10 %)"),
        "new": (slice(0, 1000), 1.0, "more cells that are true (66 %, in training 49 %)"),
        "home city": (slice(0, 900), 5.0, "more texts that the training rows lack (42 %, in training 17 %)"),
        "sold": (slice(0, 900), 1.699e9, ""),
    }
    for place, (name, (rows, value, text)) in enumerate(cases.items()):
        values = later.copy()
        values[rows, place] = value

        drifts = column_drifts(training, model.encoding, training.count(values, model.predict(values)))

        drift = next(each for each in drifts if each.name == name)
        assert drift.is_sure, name
        assert drift.change.text == text or not text, name
        assert drift.verdict == ("moved on" if name == "sold" else "drifted"), name
    assert drift.change.name.startswith("values from 2023-"), "a datetime is written as one"


def test_ranges_are_named_by_their_edges():
    column = NumberColumn("x")
    model = LinearModel([1.0], 0.0, Encoding((column,)))
    random = np.random.default_rng(0)
    of_atoms = np.where(random.random(3_000) < 0.5, 0.0, random.uniform(-10, 10, 3_000))[:, np.newaxis]
    training = Distributions.of(model, of_atoms, seed=0)
    cases = (
        (np.full(900, 0.0), "more values equal to 0 "),
        (np.full(900, 0.01), "more values above 0 and below "),
        (np.full(900, -20.0), "more values below -"),
        (np.full(900, 20.0), "more values from "),
        (np.full(900, -0.01), "more values from -"),
    )
    for values, begin in cases:
        later = np.concatenate([of_atoms[:100], values[:, np.newaxis]])

        x, of_prediction = column_drifts(training, model.encoding, training.count(later, model.predict(later)))

        assert x.change.text.startswith(begin), x.change.text
        assert of_prediction.change.text.startswith(begin.replace("values", "predictions"))
        assert (of_prediction.name, of_prediction.kind) == ("(prediction)", "prediction")


def test_long_level_is_cut_and_rare_levels_have_one_name():
    levels = ("a" * 90, *(f"level {place:02}" for place in range(80)))
    column = CategoryColumn("city", levels)
    model = LinearModel(np.zeros(81), 0.0, Encoding((column,)))
    training = Distributions.of(model, np.tile(np.arange(81.0), 40)[:, np.newaxis], seed=0)
    for code, name in ((0.0, f"'{'a' * 39}…'"), (float(LevelBins.fit(np.arange(81.0), 81, 64).size), "'level 66'")):
        later = np.full((400, 1), code)
        (city, _) = column_drifts(training, model.encoding, training.count(later, np.zeros(400)))
        assert city.change.name in (name, "other known texts")


def test_index_without_drift_is_about_its_expectation():
    random, shares = np.random.default_rng(2), np.full(10, 0.1)
    pairs = [stability_index(random.multinomial(2_000, shares), random.multinomial(500, shares)) for _ in range(300)]

    index, expected = np.mean(pairs, axis=0)

    # The standard error of the mean of 300 indices, each with a relative deviation of √(2 / 9), is 3 %.
    assert index == pytest.approx(expected, rel=0.1)


def test_no_rows_are_no_drift():
    model, training = ten_numbers(np.random.default_rng(0), 100)

    drifts = column_drifts(training, model.encoding, np.zeros(training.size, dtype=np.int64))

    assert {(drift.rows, drift.index, drift.verdict) for drift in drifts} == {(0, 0.0, "no rows")}


def test_sure_and_small_difference_is_no_drift():
    random = np.random.default_rng(0)
    model, training = ten_numbers(random, 10_000)
    values = random.normal(size=(100_000, 10))
    values[:, 0] += 0.1

    x0, *others, _ = column_drifts(training, model.encoding, training.count(values, model.predict(values)))

    assert x0.verdict == "slightly changed"
    assert {drift.verdict for drift in others} == {"as in training"}
