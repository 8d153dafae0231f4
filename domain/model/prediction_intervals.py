"""Prediction intervals: the range of a row's target at a level that the caller chooses."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.data.arrays import FloatArray
from domain.model.calibration import Calibration
from domain.model.errors import IntervalNotFinite, IntervalUnavailable
from domain.model.leverage import error_scale
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments


@dataclass(frozen=True, slots=True, eq=False)
class PredictionIntervals:
    """Prediction intervals of a model at one level.

    An interval holds the target with a probability of at least `level`, over held-out rows and the row together, if
    the row is exchangeable with the held-out rows. Of single columns, or for single rows, that is no statement.

    The model, its limits and the error scale s(x) are functions of the training rows alone. With g the scale on which
    the model is linear (the identity or the logarithm, which rises) and c(x) the sum of the terms, moved to the limits
    of predictions, the score of a row is |g(y) − c(x)| / s(x), and

        score(x, y) ≤ q   ⇔   g⁻¹(c(x) − q s(x)) ≤ y ≤ g⁻¹(c(x) + q s(x))

    for the quantile q of the held-out scores (`Calibration.quantile`). A target may lie beyond the limits of
    predictions, so they do not limit the interval. The correction of a logarithmic target makes a mean of a median and
    does not enter. Where the prediction lies outside for its sake, the interval is extended to it, which can only add
    targets.

    Parameters
    ----------
    model : LinearModel
    moments : Moments or None
        Of the terms of the training rows; without them, all rows have the same error scale.
    quantile : float
        Largest score that is within the intervals.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), "Algorithmic Learning in a Random World" (conformal prediction).
    Papadopoulos, Gammerman and Vovk (2008), "Normalized nonconformity measures for regression conformal prediction".
    Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), "Distribution-free predictive inference for regression"
    (split conformal prediction).
    """

    model: LinearModel
    moments: Moments | None
    quantile: float

    @classmethod
    def of(cls, version: ModelVersion, level: float) -> Self:
        """Return the intervals of a version that hold the target with a probability of at least `level`.

        Raises
        ------
        IntervalUnavailable
            If the version has no calibration, or one of too few rows for the level.
        """
        calibration = version.calibration
        if calibration is None:
            why = "it was trained without a calibration; train again and promote the new version"
            raise IntervalUnavailable(version.name, why)
        quantile = calibration.quantile(level)
        if not np.isfinite(quantile):
            raise IntervalUnavailable(version.name, _too_few(calibration, level))
        return cls(version.model, version.moments, quantile)

    def bounds(self, values: FloatArray) -> FloatArray:
        """Return the least and the largest target of each row, shape (n_rows, 2); they may be infinite or NaN.

        `values` are those of `LinearModel.predict`.
        """
        transform = self.model.target_transform
        with np.errstate(over="ignore", invalid="ignore"):
            sums = self.model.sums(values)
            centers, predictions = transform.limited(sums), transform.to_target(sums)
            reach = self.quantile * error_scale(self.model.encoding, self.moments, values)
            lows = np.minimum(transform.from_linear(centers - reach), predictions)
            highs = np.maximum(transform.from_linear(centers + reach), predictions)
        return np.column_stack([lows, highs])


def prediction_intervals(version: ModelVersion, values: FloatArray, level: float) -> FloatArray:
    """Return the intervals of rows of values, shape (n_rows, 2), at a level from 0.5 to 0.99.

    Raises
    ------
    IntervalUnavailable
        As `PredictionIntervals.of` raises it.
    IntervalNotFinite
        For the first row whose interval overflows.
    """
    bounds = PredictionIntervals.of(version, level).bounds(values)
    infinite = np.flatnonzero(~np.isfinite(bounds).all(axis=1))
    if len(infinite):
        raise IntervalNotFinite(int(infinite[0]))
    return bounds


def _too_few(calibration: Calibration, level: float) -> str:
    highest = calibration.highest_level
    remedy = f"ask for at most {highest:g}" if highest else "train again and hold out more rows"
    return f"its {calibration.rows} held-out rows are too few for the level {level:g}; {remedy}"
