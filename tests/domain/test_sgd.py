"""The learner's laws, and the known answers on the diabetes data."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.dataset import Dataset
from domain.errors import BadSetting, Diverged
from domain.scores import evaluate
from domain.sgd import SGD
from tests.diabetes import DIABETES
from tests.examples import a_table


def least_squares(rows: Dataset) -> np.ndarray:
    """Return coefficients and, last, the intercept, as LAPACK finds them."""
    design = np.column_stack([rows.features, np.ones(len(rows))])
    return np.linalg.lstsq(design, rows.target, rcond=None)[0]


def weights(model) -> np.ndarray:
    return np.append(model.coefficients, model.intercept)


def test_least_squares_on_bmi_is_the_known_answer():
    bmi = DIABETES.select(("bmi",))

    model = SGD().fit(bmi.train).model

    scores = evaluate(model, bmi.test)
    assert model.coefficients[0] == pytest.approx(938.2379, abs=1e-4)  # as many digits as the answer is known to
    assert model.intercept == pytest.approx(152.9189, abs=1e-4)
    assert scores.mse == pytest.approx(2548.07, abs=5e-3)
    assert scores.r2 == pytest.approx(0.4726, abs=5e-5)


def test_textbook_descent_on_bmi_is_the_known_answer():
    bmi = DIABETES.select(("bmi",))

    fit = SGD.textbook().fit(bmi.train)

    assert fit.model.coefficients[0] == pytest.approx(937.19, abs=5e-3)
    assert fit.model.intercept == pytest.approx(152.92, abs=5e-3)
    assert evaluate(fit.model, bmi.test).r2 == pytest.approx(0.4723, abs=5e-5)
    assert (fit.report.epochs, fit.report.stop_reason) == (15_000, "epochs")


@pytest.mark.parametrize("names", [("bmi",), ("bmi", "bp"), DIABETES.train.feature_names])
@pytest.mark.parametrize("seed", range(20))
def test_default_settings_reach_least_squares_in_every_coefficient_from_any_seed(names, seed):
    rows = DIABETES.select(names).train

    model = SGD(seed=seed).fit(rows).model

    np.testing.assert_allclose(weights(model), least_squares(rows), rtol=1e-3)


# Curvature differs by the square of these scales; whitening makes all of them alike.
@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e5, 1e8])
def test_the_scale_of_a_feature_does_not_matter(scale):
    table = a_table(rows=300, features=3)
    scaled = Dataset(table.features * [1.0, scale, 1.0], table.target, table.feature_names, "y")

    model = SGD().fit(scaled).model

    np.testing.assert_allclose(weights(model), least_squares(table) / [1.0, scale, 1.0, 1.0], rtol=1e-5)


@pytest.mark.parametrize("offset", [1e3, 1e6, -1e9])
def test_offsets_of_features_and_target_do_not_matter(offset):
    table = a_table(rows=300, features=2)
    shifted = Dataset(table.features + offset, table.target - offset, table.feature_names, "y")

    model = SGD().fit(shifted).model

    # Adding the offset rounds the features themselves by 1e-16 of it: 1e-7 at 1e9.
    np.testing.assert_allclose(model.coefficients, least_squares(table)[:-1], rtol=1e-5)


@settings(deadline=None, max_examples=30)
@given(st.integers(20, 200), st.integers(1, 6), st.integers(0, 1000), st.sampled_from([1, 7, 32, None]))
def test_fit_reaches_least_squares_whatever_the_shape_and_batch(rows, features, seed, batch_size):
    table = a_table(rows + 8 * features, features, seed)

    fit = SGD(batch_size=batch_size, epochs=200).fit(table)

    # The excess of the loss is at most the tolerance, 1e-14 of a loss of 0.25: weights within 1e-7, times the spread.
    np.testing.assert_allclose(weights(fit.model), least_squares(table), atol=2e-6)
    assert fit.report.stop_reason == "tolerance"


def test_permuting_columns_permutes_coefficients():
    table = a_table(rows=200, features=3)

    for order in permutations(table.feature_names):
        model = SGD().fit(table.select(order)).model
        found = dict(zip(order, model.coefficients, strict=True))
        # Both are within the tolerance of the same optimum.
        np.testing.assert_allclose([found[name] for name in table.feature_names], least_squares(table)[:-1], rtol=1e-6)


def test_same_seed_gives_the_same_bits_and_another_seed_another_path():
    table = a_table(rows=200)

    first, again, other = (SGD(seed=seed, epochs=2).fit(table) for seed in (3, 3, 4))

    assert first.model == again.model != other.model
    assert first.report.losses == again.report.losses != other.report.losses


def test_inputs_are_not_touched():
    features, target = np.random.default_rng(0).normal(size=(50, 2)), np.arange(50.0)
    before = features.copy(), target.copy()

    SGD().fit(Dataset(features, target, ("a", "b"), "y"))

    assert np.array_equal(features, before[0])
    assert np.array_equal(target, before[1])


def test_a_textbook_step_follows_the_gradient_of_the_loss():
    table = a_table(rows=40)
    rate, h = 1e-3, 1e-6
    design = np.column_stack([table.features, np.ones(len(table))])

    def loss(w: np.ndarray) -> float:
        return float(np.mean((design @ w - table.target) ** 2))

    step = weights(SGD.textbook(rate, epochs=1).fit(table).model)  # from zero

    differences = [(loss(h * axis) - loss(-h * axis)) / (2 * h) for axis in np.eye(3)]
    # Central differences of a quadratic are exact but for rounding: 1e-16 · loss / h, about 1e-9 of it.
    np.testing.assert_allclose(step, -rate * np.array(differences), rtol=1e-6)


def test_report_counts_what_happened():
    table = a_table(rows=100)
    seen = []

    fit = SGD(epochs=3, tolerance=None).fit(table, on_epoch=lambda epoch, loss: seen.append((epoch, loss)))

    report = fit.report
    assert seen == list(enumerate(report.losses, start=1))
    assert (report.epochs, report.rows_seen, report.stop_reason) == (3, 300, "epochs")
    assert report.losses[-1] == pytest.approx(evaluate(fit.model, table).mse, rel=1e-12)  # rounding of two formulas
    assert report.learning_rate == 0.5 / (1 + 2 * 3 / 32)  # two features and the intercept, batches of 32
    assert report.seconds > 0


def test_tolerance_stops_early():
    report = SGD(tolerance=1e-3).fit(a_table(rows=500)).report

    assert report.stop_reason == "tolerance"
    assert report.epochs < 5


def test_noiseless_data_stop_by_tolerance_at_the_exact_line():
    table = a_table(rows=100, noise=0.0)

    fit = SGD().fit(table)

    assert fit.report.stop_reason == "tolerance"
    np.testing.assert_allclose(weights(fit.model), [1.0, 2.0, 3.0], rtol=1e-9)


def test_redundant_and_constant_columns_share_the_weight_of_smallest_norm():
    table = a_table(rows=100, features=1)
    x = table.features[:, 0]
    redundant = Dataset(np.column_stack([x, x, np.full(100, 5.0), np.zeros(100)]), table.target, tuple("abcd"), "y")

    model = SGD().fit(redundant).model

    half = least_squares(table)[0] / 2
    np.testing.assert_allclose(model.coefficients, [half, half, 0, 0], rtol=1e-6, atol=1e-12)


def test_more_columns_than_rows_still_fit_exactly():
    table = a_table(rows=6, features=10)

    fit = SGD().fit(table)

    assert evaluate(fit.model, table).mse < 1e-20  # squares of rounding errors


@pytest.mark.parametrize("schedule", ["constant", "inverse_sqrt", "step_decay"])
def test_every_schedule_lowers_the_loss(schedule):
    losses = SGD(0.05, schedule, epochs=20, tolerance=None, scaling="none").fit(a_table(rows=200)).report.losses

    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize(
    "learner", [SGD.textbook(learning_rate=3.0), SGD(learning_rate=50.0), SGD(5.0, scaling="none", tolerance=None)]
)
def test_divergence_is_an_error_that_says_what_to_change(learner):
    with pytest.raises(Diverged, match="use a learning rate below") as caught:
        learner.fit(a_table(rows=200))

    assert caught.value.stable_below < learner.learning_rate


def test_full_batches_converge_just_below_the_rate_named_and_diverge_just_above():
    table = a_table(rows=200)
    with pytest.raises(Diverged) as caught:
        SGD.textbook(learning_rate=3.0).fit(table)
    limit = caught.value.stable_below

    assert SGD.textbook(0.99 * limit, epochs=2_000).fit(table).report.losses[-1] < 1
    with pytest.raises(Diverged):
        SGD.textbook(1.01 * limit, epochs=20_000).fit(table)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0.0),
        ("learning_rate", -1.0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("schedule", "cosine"),
        ("scaling", "minmax"),
        ("batch_size", 0),
        ("epochs", 0),
        ("tolerance", 0.0),
        ("seed", -1),
    ],
)
def test_setting_outside_its_range_is_named(name, value):
    with pytest.raises(BadSetting) as caught:
        SGD(**{name: value})

    assert caught.value.name == name


def test_without_scaling_a_rate_must_be_given_and_no_tolerance():
    with pytest.raises(BadSetting, match="learning_rate"):
        SGD(scaling="none", tolerance=None)
    with pytest.raises(BadSetting, match="tolerance"):
        SGD(learning_rate=0.1, scaling="none")


def test_params_are_the_settings_by_name():
    assert SGD(seed=5).params == {
        "learning_rate": None,
        "schedule": "step_decay",
        "batch_size": 32,
        "epochs": 100,
        "tolerance": 1e-14,
        "scaling": "whiten",
        "seed": 5,
    }
