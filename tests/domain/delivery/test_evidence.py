import math

import numpy as np
import pytest

from domain.delivery.evidence import (
    mean_above,
    mean_below,
    share_above,
    share_below,
    share_interval,
    sign_test,
    two_shares_harm,
    two_shares_pass,
)
from domain.delivery.log_gamma import log_gamma

LABELS = [50 if point == 16 else 30 if point == 20 else 10 if point == 14 else 0 for point in range(33)]
# The shares, the sign test and the harm of two shares were compared with quadrature and minimization by SciPy.
KNOWN = (
    (share_below, (3, 1000, 0.01), 0.918844614026),
    (share_below, (0, 500, 0.01), 1.767071388730),
    (share_below, (20, 1000, 0.05), 10.241982324796),
    (share_above, (80, 1000, 0.05), 5.648575686801),
    (sign_test, (9, 0), 4.627909672958),
    (sign_test, (8, 0), 4.039145012867),
    (sign_test, (12, 2), 3.174598539250),
    (sign_test, (5, 5), -0.995852554710),
    (sign_test, (1, 0), math.log(1.5)),
    (sign_test, (0, 0), 0.0),
    (two_shares_harm, (12, 500, 10, 5000), 9.640541513664),
    (two_shares_pass, (1, 2000, 4, 2000, 0.005), 2.669977928973),
)


def test_evidence_has_its_known_values():
    for function, arguments, value in KNOWN:
        assert function(*arguments) == pytest.approx(value, abs=1e-10), (function, arguments)
    assert mean_above(LABELS, 0.0) == pytest.approx(3.033807836895, abs=1e-10)
    assert mean_below(LABELS, 0.1) == pytest.approx(0.905447674726, abs=1e-10)
    assert share_interval(3, 1000, 0.05) == pytest.approx((0.000188809080, 0.012791843413), abs=1e-10)


def test_arrays_have_the_evidence_of_their_elements():
    for function, arguments, _ in KNOWN:
        stacked = np.array([arguments, np.multiply(arguments, 2) if function is sign_test else arguments])
        columns = [column.astype(np.int64) if np.all(column % 1 == 0) else column for column in stacked.T]

        for found, row in zip(function(*columns), stacked, strict=True):
            alone = function(*(int(value) if value % 1 == 0 else value for value in row))
            assert found == pytest.approx(alone, abs=1e-12), (function, row)
    assert mean_above(np.array([LABELS, LABELS]).T, 0.0) == pytest.approx([mean_above(LABELS, 0.0)] * 2)


def test_no_counts_are_no_evidence():
    for found in (
        share_above(0, 0, 0.05),
        share_below(0, 0, 0.05),
        sign_test(0, 0),
        two_shares_harm(0, 0, 0, 0),
        two_shares_harm(9, 9, 0, 0),
        two_shares_pass(0, 900, 0, 0, 0.1),
        two_shares_pass(0, 0, 0, 900, 0.1),
        mean_above([0] * 33, 0.0),
        mean_below([0] * 33, 0.0),
    ):
        assert found == pytest.approx(0.0, abs=1e-12)
    assert share_interval(0, 0, 0.05) == (0.0, 1.0)


def test_estimates_on_the_side_of_the_null_hypothesis_are_no_evidence():
    assert share_above(4, 100, 0.05) == share_below(6, 100, 0.05) == 0.0
    assert two_shares_harm(1, 100, 2, 100) == two_shares_pass(13, 100, 2, 100, 0.1) == 0.0


def test_shares_of_zero_and_one_are_finite():
    assert share_interval(0, 20, 0.05)[0] == 0.0
    assert share_interval(20, 20, 0.05)[1] == 1.0
    assert two_shares_pass(0, 900, 0, 900, 0.02) > math.log(20)
    assert -math.inf < two_shares_pass(500, 500, 500, 500, 0.02) < 0.0
    assert two_shares_harm(500, 500, 0, 500) > 100


def test_probability_of_ever_deciding_wrongly_is_at_most_alpha_at_the_limit():
    alpha = 0.05
    for p, evidence in (
        (0.05, lambda k, n: share_above(k, n, 0.05)),
        (0.05, lambda k, n: share_below(k, n, 0.05)),
        (0.5, lambda k, n: sign_test(k, n - k)),
    ):
        undecided, decided = np.ones(1), 0.0
        for n in range(1, 400):
            undecided = np.append(undecided * (1 - p), 0) + np.append(0, undecided * p)
            wrong = evidence(np.arange(n + 1), n) >= math.log(1 / alpha)
            decided += undecided[wrong].sum()
            undecided[wrong] = 0.0

        assert 0 < decided <= alpha


def test_log_gamma_of_integers_is_exact_on_both_sides_of_its_table():
    for n in (1, 2, 10, 255, 256, 257, 1000, 10**6):
        assert log_gamma(n) == pytest.approx(math.lgamma(n), rel=1e-14, abs=1e-14)
