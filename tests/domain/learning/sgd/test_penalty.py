"""Penalty: the answer is that of ridge regression on standardized numbers and booleans, in closed form."""

import numpy as np
import pytest

from domain.data.arrays import FloatArray
from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.learning.sgd import SGD
from domain.learning.sgd.penalty import penalty_scales
from tests.support.sgd.hard_data import dataset, slopes
from tests.support.sgd.least_squares import relative_excess_loss

ROWS, TOL = 20_000, 1e-9


def numbers(rows: int = ROWS, columns: int = 6) -> FloatArray:
    return np.random.default_rng(5).standard_normal((rows, columns))


def with_levels(rare: int) -> FloatArray:
    """Return numbers and every level of a category; rare levels have ten rows each."""
    common = np.arange(ROWS - 10 * rare) % 5
    codes = np.random.default_rng(6).permutation(np.append(common, 5 + np.arange(10 * rare) % max(rare, 1)))
    return np.column_stack([numbers(), codes[:, None] == np.arange(5 + rare)]).astype(float)


def with_huge_rows() -> FloatArray:
    features = numbers()
    features[::4_000] *= 1e3
    return features


# Features, and the phase whose pass precedes the certificates.
TABLES = {
    "small": (numbers(200), "solve"),
    "more columns than rows": (numbers(30, 40), "solve"),
    "sampled": (numbers() * 10.0 ** np.arange(-3, 3) + 100, "descent"),
    "duplicates": (np.column_stack([numbers(), numbers() * 3, numbers().sum(axis=1)]), "descent"),
    "all levels": (with_levels(0), "descent"),
    "all levels, some rare": (with_levels(7), "factor"),
    "huge rows": (with_huge_rows(), "factor"),
}


@pytest.mark.parametrize("name", TABLES)
def test_fit_is_ridge_regression_on_standardized_numbers_and_booleans_and_its_certificate_is_true(name):
    features, phase = TABLES[name]
    rows, columns = features.shape
    target = 3 + features / features.std(axis=0) @ slopes(columns) + np.random.default_rng(8).standard_normal(rows)
    are_booleans = ((features == 0) | (features == 1)).all(axis=0)
    kinds = [Column(f"x{place}", "boolean" if boolean else "number") for place, boolean in enumerate(are_booleans)]
    table = Dataset(features, target, tuple(kinds), "y")
    for penalty in (1.0, rows, 10.0 * rows):
        fit = SGD(tol=TOL, penalty=penalty).fit(table)

        report, excess = fit.report, relative_excess_loss(table, fit.model, penalty)
        assert phase in report.seconds
        assert report.stop_reason in {"tol", "exact"}
        assert excess <= 10 * TOL
        # Whitening by a sample leaves curvatures of 0.87 to 1.15; 1e-20 is rounding.
        assert 0.7 * excess - 1e-20 <= report.relative_excess_loss[-1] <= 1.4 * excess + 1e-20
        mse = np.mean((fit.model.predict(features) - target) ** 2)
        assert report.loss == pytest.approx(mse, rel=1e-9)
        # The moments are those of the rows alone; 4,096 of them have deviations within 5 %.
        deviations = np.linalg.norm(fit.moments.factor, axis=0)
        np.testing.assert_allclose(deviations, features.std(axis=0), rtol=0.05)
        curvatures = np.linalg.eigvalsh(
            np.cov(features.T / penalty_scales(kinds, features.std(axis=0))[:, None], ddof=0)
        )
        used = np.sum(curvatures / (curvatures + penalty / rows))
        assert fit.moments.residual_variance == pytest.approx(mse * rows / (rows - 1 - used), rel=1e-3)


def test_loss_of_a_factorization_without_a_certificate_is_that_of_the_model():
    features = with_huge_rows()
    target = features @ slopes(6) + np.random.default_rng(8).standard_normal(ROWS)

    fit = SGD(penalty=ROWS, max_passes=1).fit(dataset(features, target))

    assert list(fit.report.seconds) == ["sample", "factor"]
    assert fit.report.loss == pytest.approx(np.mean((fit.model.predict(features) - target) ** 2), rel=1e-9)


def test_a_vanishing_penalty_is_least_squares_of_smallest_norm():
    features = np.column_stack([numbers(), numbers()[:, 0]])
    table = dataset(features, features @ slopes(7) + np.random.default_rng(8).standard_normal(ROWS))
    expected = SGD(tol=1e-12).fit(table).model.coefficients

    for penalty in (1e-6, 1e-16):
        found = SGD(tol=1e-12, penalty=penalty).fit(table).model.coefficients

        # An excess of 1e-12 is 1e-6 of the noise; 1e-16 of rounding over 1e-6 / 20,000 rows is as much.
        np.testing.assert_allclose(found, expected, atol=2e-5)
