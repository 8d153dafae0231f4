"""Target transform: the scale on which a model is linear, and the range of its predictions."""

import math
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray, Numbers
from domain.data.errors import InvalidData


@dataclass(frozen=True, slots=True)
class TargetTransform:
    """From the sum of the terms to a prediction in target units.

    Parameters
    ----------
    log : bool
        Whether the sum is the logarithm of the prediction, but for `correction`.
    correction : float
        Mean of the exponentials of the training residuals, which turns the median of a prediction into its mean.
    low, high : float or None
        Least and largest prediction, in target units.

    References
    ----------
    Duan (1983), "Smearing estimate: a nonparametric retransformation method".
    """

    log: bool = False
    correction: float = 1.0
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        numbers = [self.correction, *(bound for bound in (self.low, self.high) if bound is not None)]
        if not np.isfinite(numbers).all() or self.correction <= 0:
            raise ValueError("a number of the target's transform is not finite, or its correction is not positive")

    def to_linear(self, target: Numbers) -> Numbers:
        """Return `target` on the scale on which a model is fitted.

        Raises
        ------
        InvalidData
            If a target that is not positive has no logarithm.
        """
        if not self.log:
            return target
        if len(target) and not target.min() > 0:
            raise InvalidData(f"the target has a value of {target.min():g}, and only a positive one has a logarithm")
        return np.log(target)

    def from_linear(self, linear: FloatArray) -> FloatArray:
        """Return targets for numbers on the scale on which a model is fitted: the inverse of `to_linear`."""
        return np.exp(linear) if self.log else linear

    def limited(self, sums: FloatArray) -> FloatArray:
        """Return sums, shape (n,), moved to the nearest ones whose predictions are within `low` and `high`."""
        low = -np.inf if self.low is None else self._sum_of(self.low)
        high = np.inf if self.high is None else self._sum_of(self.high)
        return np.minimum(np.maximum(sums, low), high)

    def _sum_of(self, prediction: float) -> float:
        """Return the sum that gives a prediction, but for limits; −∞ if no sum does."""
        if not self.log:
            return prediction
        return math.log(prediction / self.correction) if prediction > 0 else -math.inf

    def to_target(self, sums: FloatArray) -> FloatArray:
        """Return predictions for sums of terms, both of shape (n,)."""
        predictions = self.correction * np.exp(sums) if self.log else sums
        if self.low is not None:
            predictions = np.maximum(predictions, self.low)
        return predictions if self.high is None else np.minimum(predictions, self.high)


IDENTITY = TargetTransform()
"""Predictions are the sums of the terms."""
