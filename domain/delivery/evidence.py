"""Evidence from counts: logarithms of e-values, which may be read after every request without a loss of validity.

Under its null hypothesis, an e-value is a nonnegative supermartingale that starts at 1. It ever reaches 1/α with a
probability of at most α (Ville's inequality). So a test rejects the hypothesis at the first log e ≥ log 1/α.
Without counts, every log e is 0. Arguments are numbers or arrays that broadcast; logarithms are natural.

References
----------
Ramdas, Grünwald, Vovk and Shafer (2023), "Game-theoretic statistics and safe anytime-valid inference".
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.delivery.counts import TRUTH_POINTS
from domain.delivery.log_gamma import Count, log_beta, log_gamma

Value = float | FloatArray
Points = Sequence[int] | npt.NDArray[np.int64]

# Shares have a prior of Beta(1, 20), unless a caller expects smaller ones.
PRIOR = 20
INTERVAL_BISECTIONS = 80
# The evidence is flat at its least, so that an error of 2⁻⁴⁰ in the share changes no digit of it.
LEAST_BISECTIONS = 40
GRID = np.linspace(-1.0, 1.0, TRUTH_POINTS)
# Bets, as fractions of the largest that cannot lose everything.
FRACTIONS = np.array([0.9, 0.6, 0.4, 0.25, 0.15, 0.1, 0.06, 0.03, 0.015])


def share_above(k: Count, n: Count, limit: Value, prior: int = PRIOR) -> FloatArray:
    """Return the evidence that a share is above `limit`, from `k` of `n`; `prior` is b of Beta(1, b)."""
    return _counted(np.greater(k, np.multiply(limit, n)), _share(k, n, limit, prior))


def share_below(k: Count, n: Count, limit: Value, prior: int = PRIOR) -> FloatArray:
    """Return the evidence that a share is below `limit`, from `k` of `n`; `prior` is b of Beta(1, b)."""
    return _counted(np.less(k, np.multiply(limit, n)), _share(k, n, limit, prior))


def share_interval(k: Count, n: Count, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of the shares that `k` of `n` do not contradict at `alpha`: to show, never to decide."""
    level, estimate = math.log(1 / alpha), np.divide(k, np.maximum(n, 1))

    def bound(outside: Value) -> FloatArray:
        inside = estimate
        for _ in range(INTERVAL_BISECTIONS):
            middle = (outside + inside) / 2
            contradicted = _share(k, n, middle, PRIOR) >= level
            outside, inside = np.where(contradicted, middle, outside), np.where(contradicted, inside, middle)
        return np.asarray(outside)[()]

    return bound(0.0), bound(1.0)


def sign_test(b: Count, a: Count) -> FloatArray:
    """Return the evidence that more than half of the discordant pairs are of the kind `b`, the others of the kind `a`.

    The prior of their share is uniform from ½ to 1. The sum of binomial coefficients needs about √(a + b) terms.
    """
    b, a = np.asarray(b), np.asarray(a)
    total, fewer = a + b + 1, np.minimum(a, b)
    chosen = log_gamma(total + 1) - log_gamma(fewer + 1) - log_gamma(total - fewer + 1)
    lower = chosen + np.log(_lower_coefficients(fewer, total))
    powers = total * math.log(2)
    # Coefficients are symmetric: those up to b are all without those up to a.
    up_to_b = np.where(b > a, powers + np.log1p(-np.exp(np.minimum(lower - powers, -math.log(2)))), lower)
    return (log_beta(b + 1, a + 1) + up_to_b)[()]


def two_shares_harm(candidate: Count, of_candidate: Count, baseline: Count, of_baseline: Count) -> FloatArray:
    """Return the evidence that the candidate's share is above the baseline's."""
    k, n = np.add(candidate, baseline), np.maximum(np.add(of_candidate, of_baseline), 1)
    evidence = _share(candidate, of_candidate, k / n, PRIOR) + _share(baseline, of_baseline, k / n, PRIOR)
    shares = (np.divide(candidate, np.maximum(of_candidate, 1)), np.divide(baseline, np.maximum(of_baseline, 1)))
    return _counted((np.minimum(of_candidate, of_baseline) > 0) & np.greater(*shares), evidence)


def two_shares_differ(first: Count, of_first: Count, second: Count, of_second: Count) -> FloatArray:
    """Return the evidence that two shares differ, each of which has a uniform prior.

    The likelihood of both samples, averaged over the priors, is divided by the largest that one share for both can
    have. So neither share is taken as known, and either sample may grow.
    """
    p = np.divide(np.add(first, second), np.maximum(np.add(of_first, of_second), 1))
    return _share(first, of_first, p, 1) + _share(second, of_second, p, 1)


def two_shares_pass(
    candidate: Count, of_candidate: Count, baseline: Count, of_baseline: Count, margin: Value
) -> FloatArray:
    """Return the evidence that the candidate's share is less than the baseline's plus a `margin` between 0 and 1.

    It is the product of both shares' evidence, at the baseline's share for which the product is least. The logarithm
    is convex in that share, so the least is where its derivative changes its sign.
    """
    upper = np.divide(baseline, np.maximum(of_baseline, 1))
    lower = np.divide(candidate, np.maximum(of_candidate, 1)) - margin
    counted = (np.minimum(of_candidate, of_baseline) > 0) & (lower < upper)
    low, high = np.clip(lower, 0.0, 1.0 - margin), np.clip(upper, 0.0, 1.0 - margin)
    for _ in range(LEAST_BISECTIONS):
        middle = (low + high) / 2
        slope = _slope(candidate, of_candidate, middle + margin) + _slope(baseline, of_baseline, middle)
        low, high = np.where(slope < 0, middle, low), np.where(slope < 0, high, middle)
    evidence = _share(candidate, of_candidate, high + margin, PRIOR) + _share(baseline, of_baseline, high, PRIOR)
    return _counted(counted, evidence)


def mean_above(counts: Points, limit: float) -> FloatArray:
    """Return the evidence that a mean is above `limit`, from `counts` by point of the grid; the first axis has 33.

    References
    ----------
    Waudby-Smith and Ramdas (2024), "Estimating means of bounded random variables by betting".
    """
    return _wealth(counts, limit, 1 / (limit + 1))


def mean_below(counts: Points, limit: Value) -> FloatArray:
    """Return the evidence that a mean is below `limit`, from `counts` by point of the grid; the first axis has 33."""
    return _wealth(counts, limit, -1 / (1 - limit))


def _counted(counted: npt.NDArray[np.bool_], evidence: FloatArray) -> FloatArray:
    """Return the evidence where the estimate is outside the null hypothesis, else 0."""
    return np.where(counted, evidence, 0.0)[()]


def _share(k: Count, n: Count, p: Value, prior: int) -> FloatArray:
    """Return the log-likelihood of `k` of `n`, averaged over Beta(1, prior), without that of the share p."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(np.greater(k, 0), k * np.log(p), 0.0)
        outside = np.where(np.greater(n, k), np.subtract(n, k) * np.log1p(np.negative(p)), 0.0)
    return log_beta(np.add(k, 1), np.subtract(n, k) + prior) + math.log(prior) - inside - outside


def _slope(k: Count, n: Count, p: FloatArray) -> FloatArray:
    """Return the derivative of the share's evidence by p."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.subtract(n, k) / (1 - p) - k / p


def _lower_coefficients(k: npt.NDArray[np.int64], n: npt.NDArray[np.int64]) -> FloatArray:
    """Return the sum of C(n, i) for i ≤ k, in units of C(n, k), for k ≤ n / 2."""
    left, term = k.astype(np.float64), np.ones(np.shape(k))
    total = term
    while np.any(term > 1e-17 * total):
        term = term * left / (n - left + 1)
        left, total = left - 1, total + term
    return total


def _wealth(counts: Points, limit: Value, largest: Value) -> FloatArray:
    """Return the log of the mean wealth of fixed bets on a mean beyond `limit`, each a fraction of the largest bet."""
    bets = np.multiply.outer(FRACTIONS, largest)
    gains = np.log1p(bets[..., np.newaxis] * (GRID - np.asarray(limit)[..., np.newaxis]))
    wealth = np.tensordot(gains, np.asarray(counts, dtype=np.float64), 1)
    mean: FloatArray = np.logaddexp.reduce(wealth, axis=0) - math.log(len(FRACTIONS))
    return mean
