"""Laws of the learner: invariances, the Newton step against central differences, and the answers of numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.learning.sgd import SGD
from domain.learning.sgd.factor import Factor
from domain.learning.sgd.optimality import LossAt, certify
from domain.learning.sgd.penalty import Penalty
from domain.learning.sgd.sample import centered, sample_size
from domain.learning.sgd.whitening import Whitening
from domain.model.linear_model import LinearModel
from tests.support.sgd.hard_data import dataset, slopes
from tests.support.sgd.least_squares import relative_excess_loss, weights
from tests.support.sgd.truth import LeastSquares

# Enough rows for a sample, a descent and certificates, not only a solution.
ROWS, COLUMNS = 9_000, 4
# Two fits that both stop at it differ by √(2 · 10 · TOL) of the noise of 1 in their predictions, so by 5e-6, and by as
# much in the coefficients of uncorrelated features of variance 1.
TOL, WITHIN = 1e-12, 5e-6


def a_table(rows: int = ROWS, columns: int = COLUMNS, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    features = random.standard_normal((rows, columns))
    return features, 3 + features @ slopes(columns) + random.standard_normal(rows)


def fitted(features: np.ndarray, target: np.ndarray, **settings_) -> LinearModel:
    return SGD(tol=TOL, **settings_).fit(dataset(features, target)).model


@pytest.mark.parametrize(("scale", "offset"), [(1e-8, 0.0), (1.0, 0.0), (1.0, 1e6), (1e8, 1e6)])
def test_the_newton_step_of_a_certificate_is_that_of_the_loss_by_central_differences(scale, offset):
    features, target = a_table(rows=500)
    table = dataset(features * [scale, 1.0, 1.0, 1.0] + [0.0, offset, 0.0, 0.0], target)
    rows, center = centered(table)
    penalty = Penalty(0.7, table.features.std(axis=0))
    space = Whitening(Factor.of([rows], center), center, penalty)
    point = np.random.default_rng(1).standard_normal(COLUMNS + 1)
    weights_ = space.embedding @ point

    found = certify(LossAt(weights_)([rows]), space, weights_)

    def half_loss(at: np.ndarray) -> float:
        model = space.model(at, table.feature_names)
        error = np.mean((model.predict(table.features) - table.target) ** 2)
        return float(error + 0.7 * np.sum((penalty.scales * model.coefficients) ** 2)) / 2

    h = 1e-3
    differences = [
        (half_loss(weights_ + h * axis) - half_loss(weights_ - h * axis)) / (2 * h) for axis in space.embedding.T
    ]
    # Central differences of a quadratic are exact but for rounding: predictions of size 10, off by 1e-16 of themselves
    # and of the offset times its slope, over h: 1e-12 · 10 / 1e-3 without an offset, 1e-16 · 1e6 · 10 / 1e-3 with it.
    within = 1e-6 if offset else 1e-9
    step = space.embedding @ np.array(differences)
    growth = 2 * (half_loss(weights_) - half_loss(space.least_squares()))
    assert space.squared_distance(space.least_squares(), weights_) == pytest.approx(growth, rel=within)
    np.testing.assert_allclose(
        (weights_ - found.corrected) * [scale, 1, 1, 1, 1], step * [scale, 1, 1, 1, 1], rtol=within, atol=within
    )


def test_units_that_are_powers_of_two_change_no_bit():
    features, target = a_table()
    units, unit = 2.0 ** np.array([-40, 0, 13, 60]), 2.0**-21

    plain, scaled = fitted(features, target), fitted(features * units, target * unit)

    # A power of two changes exponents alone, in every product and sum of the method.
    np.testing.assert_array_equal(scaled.coefficients, plain.coefficients / units * unit)
    assert scaled.intercept == plain.intercept * unit


BY_TARGET = np.argsort(a_table()[1])
UNIT = np.array([1e-140, 1e-8, 1e5, 1e140])
# How a table is changed, and how the weights must change.
CHANGES = {
    "order of columns": (lambda x, y: (x[:, [2, 0, 3, 1]], y), lambda w: w[[2, 0, 3, 1, 4]]),
    "order of rows": (lambda x, y: (x[BY_TARGET], y[BY_TARGET]), lambda w: w),
    "units": (lambda x, y: (x * UNIT, y), lambda w: w / np.append(UNIT, 1)),
    "big-endian": (lambda x, y: (x.astype(">f8"), y.astype(">f8")), lambda w: w),
}


@pytest.mark.parametrize("penalty", [0.0, ROWS / 2])
@pytest.mark.parametrize("change", CHANGES)
def test_order_units_and_byte_order_change_the_weights_alike(change, penalty):
    of_table, of_weights = CHANGES[change]
    expected = of_weights(weights(fitted(*a_table(), penalty=penalty)))

    found = weights(fitted(*of_table(*a_table()), penalty=penalty))

    scale = np.append(UNIT, 1) if change == "units" else 1
    np.testing.assert_allclose(found * scale, expected * scale, atol=WITHIN)


@pytest.mark.parametrize("offset", [1e3, -1e6, 1e9])
def test_offset_changes_the_intercept_alone(offset):
    features, target = a_table()
    plain = fitted(features, target)

    moved = fitted(features + offset, target - offset)

    # Rounding of the numbers at the offset, 1e-16 of it, averages out over 9,000 rows: 1e-18 · 1e9 is below TOL.
    np.testing.assert_allclose(moved.coefficients, plain.coefficients, atol=WITHIN)
    middle = features.mean(axis=0)
    predicted = moved.predict((middle + offset)[None])[0] + offset
    # The intercept is a sum of terms as large as the offset; at the mean of the rows these cancel but for rounding.
    assert predicted == pytest.approx(plain.predict(middle[None])[0], abs=WITHIN + 16 * np.spacing(abs(offset)))


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_path():
    table = dataset(*a_table())

    first, again, other = (SGD(seed=seed, tol=1e-4, penalty=9.0).fit(table) for seed in (3, 3, 4))

    assert first.model == again.model != other.model
    assert first.report.losses == again.report.losses != other.report.losses
    assert first.report.relative_excess_loss == again.report.relative_excess_loss != other.report.relative_excess_loss


@settings(deadline=None, max_examples=60)
@given(
    rows=st.integers(1, 150),
    columns=st.integers(1, 40),
    seed=st.integers(0, 1_000),
    decades=st.integers(0, 8),
    offset=st.sampled_from([0.0, 1.0, 1e4]),
)
def test_a_small_table_has_the_answer_of_numpy_of_smallest_norm(rows, columns, seed, decades, offset):
    random = np.random.default_rng(seed)
    spread = 10.0 ** random.uniform(-decades / 2, decades / 2, columns)
    features = (random.standard_normal((rows, columns)) + offset) * spread
    target = 3 + random.standard_normal(rows)

    fit = SGD().fit(dataset(features, target))

    centered_ = features - features.mean(axis=0)
    expected, _, rank, values = np.linalg.lstsq(centered_, target - target.mean(), rcond=1e-12)
    # Backward stable solvers differ by about eps · the condition of what they are given, squared over the residuals.
    condition = values[0] / values[rank - 1] if rank else 1.0
    off = 1e-14 * (1 + offset) * condition * (1 + condition / values[0] * np.linalg.norm(target)) if rank else 0.0
    assert fit.report.stop_reason == "exact"
    np.testing.assert_allclose(fit.model.predict(features), centered_ @ expected + target.mean(), atol=1e-9 + off)
    if off < 1e-6 * np.linalg.norm(expected):
        assert np.linalg.norm(fit.model.coefficients - expected) <= 1e-6 * np.linalg.norm(expected)


@settings(deadline=None, max_examples=25)
@given(
    above=st.integers(1, 300),
    columns=st.integers(1, 8),
    seed=st.integers(0, 1_000),
    decades=st.integers(0, 16),
    batch_size=st.sampled_from([None, 1, 7, 100, 10_000]),
)
def test_a_table_just_above_the_sample_has_no_more_excess_than_asked_for(above, columns, seed, decades, batch_size):
    random = np.random.default_rng(seed)
    features, target = a_table(4_096 + above, columns, seed)
    features = features * 10.0 ** random.uniform(-decades / 2, decades / 2, columns)

    fit = SGD(tol=1e-10, batch_size=batch_size, seed=seed).fit(dataset(features, target))

    assert fit.report.stop_reason == "tol"
    assert LeastSquares(features, target).judge(fit.model).excess <= 1e-9  # ten times the tolerance
    design = np.column_stack([features / features.std(axis=0), np.ones(len(features))])
    expected = design @ np.linalg.lstsq(design, target, rcond=None)[0]
    # The root mean square difference of predictions is √excess of the noise of 1, 3e-5.
    assert np.sqrt(np.mean((fit.model.predict(features) - expected) ** 2)) <= 4e-5


def test_the_sample_is_as_large_as_a_pass_is_worth():
    tables = [(4_096, 20), (4_097, 20), (200_000, 20), (200_000, 200), (20_000, 200), (1_000_000, 100), (300, 20)]

    assert [sample_size(*table) for table in tables] == [4_096, 4_096, 4_096, 12_800, 4_800, 6_400, 300]


def test_one_pass_comes_near_the_optimum():
    table = dataset(*a_table())

    for penalty in (0.0, ROWS):
        fit = SGD(max_passes=1, penalty=penalty).fit(table)

        # One pass over n rows in T blocks of B leaves 2 d² / (B n √T) by the study's law, 1e-6 here; ten-fold that.
        assert relative_excess_loss(table, fit.model, penalty) < 1e-5


@pytest.mark.parametrize("offset", [0.0, 1e2, 1e4, 1e6])
@pytest.mark.parametrize("rows", [200, 3_000, 20_000])
def test_columns_that_are_redundant_but_for_rounding_share_the_smallest_norm_however_far_from_zero(rows, offset):
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, rows))
    target = a + random.normal(size=rows)

    def redundant(a, b):
        return np.column_stack([a, b, a + b, a - b, (a + 2 * b) / 3])

    fit = SGD(tol=1e-12).fit(dataset(redundant(offset + a, 1.3 * offset + b), target))

    centered_ = redundant(a - a.mean(), b - b.mean())
    expected = np.linalg.lstsq(centered_, target - target.mean(), rcond=1e-10)[0]
    assert fit.report.rank == 2
    # The offset rounds the columns by 1e-16 of it, 1e-10; an excess of 1e-12 is 1e-6 standard errors.
    np.testing.assert_allclose(fit.model.coefficients, expected, atol=1e-6)


def test_direction_of_a_single_row_is_no_perfect_fit_and_left_out_below_the_cut():
    random = np.random.default_rng(31)
    features = random.normal(size=(300_000, 8))
    features[:, 7] = features[:, :7].sum(axis=1)
    target = features[:, 7] + random.normal(size=300_000)
    target[5] += 1e6
    reports = {}
    for size in (1e-8, 1e-9):
        features[5, 7] = features[5, :7].sum() + size  # a direction of a single row
        reports[size] = SGD().fit(dataset(features, target)).report

    # The coefficients of this direction are so huge that rounding spoils the answer.
    assert reports[1e-8].rank == 8
    assert reports[1e-8].relative_excess_loss[-1] > 0
    assert reports[1e-8].warning
    # 1e-9 / √300,000 rows, seen in columns of length 1, is below `MIN_SPREAD`.
    assert (reports[1e-9].rank, reports[1e-9].warning) == (7, "")
