"""Likely difference: mean and spread of the difference of two models over rows like the training rows."""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from domain.data.arrays import FloatArray
from domain.features.bound_encoding import BoundEncoding
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.target_transform import IDENTITY
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments
from domain.model.plausible_values import plausible_values

ROWS = 4_096
# Moments of a model with too many terms to keep them.
UNMEASURED = Moments(1, 1, np.zeros(0), np.zeros((0, 0)), None)


@dataclass(frozen=True, slots=True)
class LikelyDifference:
    """Difference of the predictions, the later less the earlier model's.

    Parameters
    ----------
    mean, deviation : float
        Mean and standard deviation, in target units.
    share : float
        Share of rows whose predictions differ by more than half the earlier model's RMSE, 0 to 1.
    """

    mean: float
    deviation: float
    share: float


def likely_difference(before: ModelVersion, after: ModelVersion) -> LikelyDifference:
    """Return the difference over rows like those that `after` was trained with.

    Between plain models, mean and deviation are those of the training rows, and the share is that of a normal
    distribution. Between others, they are those of 4,096 drawn rows, whose columns vary one by one.
    """
    limit = before.lineage.scores.rmse / 2
    models = before.model, after.model
    if all(model.encoding.is_plain and model.target_transform == IDENTITY for model in models):
        change = after.model.coefficients - before.model.coefficients
        center, deviation = _center_and_deviation(after, change)
        mean = after.model.intercept - before.model.intercept + center
        return LikelyDifference(mean, deviation, _share_beyond(limit, mean, deviation))
    values = _likely_values(before.model.encoding, after)
    bound = BoundEncoding(before.model.encoding, [column.column for column in after.model.encoding.columns])
    with np.errstate(over="ignore", invalid="ignore"):
        differences = after.model.predict(values) - before.model.predict(bound.values(values))
        beyond = ~(np.abs(differences) <= limit)
        return LikelyDifference(float(differences.mean()), float(differences.std()), float(beyond.mean()))


def _share_beyond(limit: float, mean: float, deviation: float) -> float:
    """Return the probability that a normal number is beyond ± `limit`."""
    if not deviation:
        return float(abs(mean) > limit)
    return sum(erfc((limit + side * mean) / deviation / sqrt(2)) for side in (-1, 1)) / 2


def _center_and_deviation(version: ModelVersion, change: FloatArray) -> tuple[float, float]:
    """Return mean and standard deviation of plain numbers times `change`; uncorrelated ones without moments."""
    if version.moments:
        return float(version.moments.mean @ change), float(np.linalg.norm(version.moments.factor @ change))
    centers, scales = _centers_and_scales(version.model.encoding)
    return float(centers @ change), float(np.linalg.norm(scales * change))


def _centers_and_scales(encoding: Encoding) -> tuple[FloatArray, FloatArray]:
    centers, scales = np.array([column.standardization[0] for column in encoding.columns]).T
    return centers, scales


def _likely_values(before: Encoding, after: ModelVersion) -> FloatArray:
    """Return rows of values of the encoding of `after`, with its frequencies of levels and of empty cells.

    A cell is empty only where `before` takes an empty cell too.
    """
    encoding, random = after.model.encoding, np.random.default_rng(1)
    if after.moments is None and encoding.is_plain:
        centers, scales = _centers_and_scales(encoding)
        return centers + scales * random.standard_normal((ROWS, len(centers)))
    values = plausible_values(encoding, after.moments or UNMEASURED, ROWS + 1)[:-1]
    if after.moments is None:
        return values
    pairs = zip(before.columns, encoding.columns, encoding.column_slices, strict=True)
    for place, (earlier, column, part) in enumerate(pairs):
        means = after.moments.mean[part]
        if isinstance(column, CategoryColumn) and column.typical:
            values[:, place] = random.choice(int(column.typical), ROWS, p=_frequencies(column, means))
        if earlier.has_gaps and column.has_gaps:
            values[random.random(ROWS) < means[-1], place] = np.nan
    return values


def _frequencies(column: CategoryColumn, means: FloatArray) -> FloatArray:
    """Return the share of each level, shape (n_levels,); pooled levels have equal shares of their term."""
    known, pooled = len(column.levels), len(column.pooled)
    shares = np.append(means[:known], np.repeat(means[known : known + 1] / max(1, pooled), pooled))
    total = shares.sum()
    return shares / total if total else np.full(len(shares), 1 / len(shares))
