"""Ridge path: its coefficients and its predictions of rows that are left out are those of fits without them."""

import numpy as np
import pytest

from domain.learning.terms.ridge import RidgePath, scaled

RANDOM, ROWS = np.random.default_rng(3), 30
PENALTIES = np.array([1e-3, 1.0, 100.0])


def ridge(terms, target, penalty):
    """Return coefficients and intercept, by least squares with a row for each penalty."""
    rows, columns = terms.shape
    design = np.vstack([np.column_stack([terms, np.ones(rows)]), np.sqrt(penalty) * np.eye(columns, columns + 1)])
    return np.linalg.lstsq(design, np.append(target, np.zeros(columns)), rcond=None)[0]


@pytest.mark.parametrize("columns", [4, 60])
def test_rows_are_predicted_by_fits_to_the_others(columns):
    raw = RANDOM.normal(size=(ROWS, columns))
    raw[:, 1] = raw[:, 0]
    raw[:, 2] = np.arange(ROWS) == 5  # a level of one row
    terms, target = scaled(raw, np.arange(columns) == 2), RANDOM.normal(size=ROWS)

    path = RidgePath.fit(terms, target, PENALTIES)

    for place, penalty in enumerate(PENALTIES):
        # 1e-6: duplicates leave ten digits of the smallest curvature, and a penalty of 1e-3 a millionth of them.
        assert path.coefficients[:, place] == pytest.approx(ridge(terms, target, penalty)[:-1], abs=1e-6)
        for row in (0, 5, 29):
            others = np.arange(ROWS) != row
            *coefficients, intercept = ridge(terms[others], target[others], penalty)
            assert path.left_out[row, place] == pytest.approx(terms[row] @ coefficients + intercept, abs=1e-6)


def test_scaled_terms_are_the_same_in_any_unit_and_booleans_keep_theirs():
    values = RANDOM.normal(size=ROWS)
    for unit, offset in ((1e150, 0.0), (1e-150, 0.0), (1.0, 1e9)):
        terms = scaled(
            np.column_stack([values * unit + offset, values > 0, np.full(ROWS, 0.1)]), np.array([0, 1, 0]) > 0
        )

        # 1e-6: seven digits are left of numbers near 1e9.
        assert terms[:, 0] == pytest.approx((values - values.mean()) / values.std(), abs=1e-6)
        assert terms[:, 1] == pytest.approx((values > 0) - np.mean(values > 0))
        assert not terms[:, 2].any()
