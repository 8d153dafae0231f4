"""Calibration: how far a model was off on held-out rows, from which the intervals of its predictions are made."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Context
from fractions import Fraction
from math import ceil, inf
from typing import Self

import numpy as np

from domain.data.arrays import FloatArray, Numbers, read_only
from domain.data.rows import Rows
from domain.features.bound_encoding import BoundEncoding
from domain.features.target_transform import TargetTransform
from domain.model.leverage import error_scale
from domain.model.linear_model import LinearModel
from domain.model.moments import Moments

MIN_LEVEL, MAX_LEVEL = 0.5, 0.99
"""Share of the intervals that hold their target; a level beyond 0.99 would need hundreds of held-out rows."""

# Held-out rows with a score, at most.
MAX_ROWS = 1_000
# Significant digits of a score, which keep records short; the last one is rounded up.
DIGITS = Context(prec=5, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Conformity scores of held-out rows.

    The score of a row is the distance of its target from the model's sum, on the scale of the sums, divided by the
    row's `error_scale`.

    Parameters
    ----------
    rows : int
        Held-out rows that were measured.
    conformity_scores : ndarray of shape (n,)
        Sorted; rows without one count as infinite: their target has no logarithm, or their sum overflows.

    Raises
    ------
    ValueError
        If the scores do not rise, one is negative or not finite, or there are more of them than rows.

    Examples
    --------
    >>> nine = Calibration(9, np.arange(9.0))
    >>> nine.quantile(0.5), nine.quantile(0.9), nine.quantile(0.95)
    (4.0, 8.0, inf)
    """

    rows: int
    conformity_scores: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "conformity_scores", read_only(self.conformity_scores))
        scores = self.conformity_scores
        if scores.ndim != 1 or not len(scores) <= self.rows <= MAX_ROWS:
            raise ValueError("a calibration of more scores than rows, or of too many rows")
        if not np.isfinite(scores).all() or (np.diff(scores, prepend=0.0) < 0).any():
            raise ValueError("the scores of a calibration are not finite, or do not rise from 0")

    @classmethod
    def of(cls, scores: FloatArray) -> Self:
        """Return the calibration of the scores, shape (n,), in any order, rounded up."""
        finite = np.sort(scores[np.isfinite(scores)]).tolist()
        rounded = np.array([float(DIGITS.create_decimal_from_float(score)) for score in finite])
        return cls(len(scores), rounded[np.isfinite(rounded)])

    def quantile(self, level: float) -> float:
        """Return the ⌈(n + 1) · level⌉-th smallest score of n rows, infinite if there is none.

        The score of another row is at most this with a probability of at least `level`, if it is exchangeable with
        the n rows: each of the n + 1 places in their order is equally likely. Ties and scores that are rounded up only
        add to the probability.
        """
        place = ceil((self.rows + 1) * Fraction(str(level)))
        return float(self.conformity_scores[place - 1]) if place <= len(self.conformity_scores) else inf

    @property
    def highest_level(self) -> float | None:
        """The highest level in whole hundredths that has a finite quantile, None if that is below 0.5."""
        level = min(100 * len(self.conformity_scores) // (self.rows + 1) / 100, MAX_LEVEL)
        return level if level >= MIN_LEVEL else None


def calibrate(model: LinearModel, moments: Moments | None, rows: Rows) -> Calibration:
    """Return the calibration of a model by held-out rows; of more than 1,000, by those at places that a seed draws.

    `moments` are those of the terms of the training rows; without them, the error scale of all rows is 1.
    """
    chosen = rows.select(model.feature_names)
    features, target = _thinned(*chosen.sample(MAX_ROWS, seed=0))
    values = np.asarray(BoundEncoding(model.encoding, chosen.columns).values(features), dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        distances = np.abs(_linear(model.target_transform, target) - model.target_transform.limited(model.sums(values)))
        return Calibration.of(distances / error_scale(model.encoding, moments, values))


def _thinned(features: Numbers, target: Numbers) -> tuple[Numbers, Numbers]:
    """Return at most 1,000 of the rows, because a sample of files may have a few more."""
    if len(target) <= MAX_ROWS:
        return features, target
    kept = np.arange(MAX_ROWS) * len(target) // MAX_ROWS
    return features[kept], target[kept]


def _linear(transform: TargetTransform, target: Numbers) -> FloatArray:
    """Return targets on the scale of the sums; one that is not positive and has no logarithm is −∞."""
    targets = np.asarray(target, dtype=np.float64)
    if not transform.log:
        return targets
    return np.log(targets, out=np.full(len(targets), -np.inf), where=targets > 0)
