"""Score intervals: how far scores would move if other rows had been held out."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from domain.data.arrays import FloatArray, Numbers
from domain.data.rows import Rows
from domain.features.bound_encoding import BoundEncoding
from domain.model.linear_model import LinearModel
from domain.model.scores import Scores

MIN_ROWS = 10
"""Held-out rows that an interval rests on, at least."""

# Rows that are scored, and groups of rows that are resampled, at most: resampling groups gives the same intervals.
MAX_ROWS, MAX_GROUPS = 20_000, 2_000
RESAMPLES, RESAMPLES_AT_ONCE = 1_000, 100
# Of 95 %.
TAILS = (0.025, 0.975)


class Interval(NamedTuple):
    """Bounds of a number with a confidence of 95 %."""

    low: float
    high: float


def score_intervals(scores: Scores, model: LinearModel, rows: Rows) -> Mapping[str, Interval]:
    """Return the intervals of R², RMSE and MAE by the names of the `scores` of `model` on `rows`.

    Return none of fewer than 10 rows. Of more than 20,000 rows, a sample is resampled; the intervals shrink by the root
    of its share.

    References
    ----------
    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13 (percentile intervals).
    """
    if len(rows) < MIN_ROWS:
        return {}
    chosen = rows.select(model.feature_names)
    features, target = chosen.sample(MAX_ROWS, seed=0)
    errors = target - model.predict(BoundEncoding(model.encoding, chosen.columns).values(features))
    sums, scale = _row_sums(errors, target)
    found = _scores(sums.sum(axis=0, keepdims=True), scale)
    resampled = _scores(np.concatenate(list(_resampled(sums))), scale)
    share = np.sqrt(len(target) / len(rows))
    intervals = {}
    for name, values in resampled.items():
        usable = values[np.isfinite(values)]
        if len(usable):
            moved = getattr(scores, name) + (np.quantile(usable, TAILS) - found[name][0]) * share
            intervals[name] = Interval(*moved.tolist())
    return intervals


def _row_sums(errors: Numbers, target: Numbers) -> tuple[FloatArray, float]:
    """Return 1, e², |e|, y and y², of shape (n, 5), about the mean of y and in units of the scale, and the scale."""
    centered = np.subtract(target, np.mean(target, dtype=np.float64), dtype=np.float64)
    scale = float(max(np.abs(errors).max(), np.abs(centered).max())) or 1.0
    errors, centered = errors / scale, centered / scale
    return np.column_stack([np.ones(len(target)), errors**2, np.abs(errors), centered, centered**2]), scale


def _resampled(sums: FloatArray) -> Iterator[FloatArray]:
    """Yield the sums of resamples, shape (100, 5); rows beyond the number of groups are resampled by random groups."""
    random = np.random.default_rng(0)
    groups = min(len(sums), MAX_GROUPS)
    starts = np.arange(groups) * len(sums) // groups
    grouped = np.add.reduceat(sums[random.permutation(len(sums))], starts)
    offsets = groups * np.arange(RESAMPLES_AT_ONCE)[:, np.newaxis]
    for _ in range(RESAMPLES // RESAMPLES_AT_ONCE):
        drawn = random.integers(groups, size=(RESAMPLES_AT_ONCE, groups)) + offsets
        counts = np.bincount(drawn.ravel(), minlength=RESAMPLES_AT_ONCE * groups)
        yield counts.reshape(RESAMPLES_AT_ONCE, groups).astype(np.float64) @ grouped


def _scores(sums: FloatArray, scale: float) -> dict[str, FloatArray]:
    """Return each score, shape (n,), for sums of shape (n, 5); R² is not finite where the target is constant."""
    count, squares, sizes, total, total_squares = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = 1.0 - squares / (total_squares - total**2 / count)
    return {"r2": r2, "rmse": scale * np.sqrt(squares / count), "mae": scale * sizes / count}
