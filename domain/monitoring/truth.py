"""Truth: whether the error of a model in production has risen above that on its held-out rows."""

import math
from dataclasses import dataclass

from domain.delivery.labels import ErrorSums
from domain.model.model_version import ModelVersion
from domain.monitoring.label_window import LabelWindow
from domain.monitoring.window_share import log_share

# Probability of a false alarm, at most, however often it is looked at: approximately, from `MIN_LABELS` on.
ALPHA = 0.01
MIN_LABELS = 50
# The bound is tightest for some 500 labels.
TIGHTEST = 500
MIXTURE = (-2 * math.log(ALPHA) + math.log(1 - 2 * math.log(ALPHA))) / TIGHTEST
# Standard errors from the hold-out error to its upper bound.
ERRORS_OF_BOUND = 3.0


@dataclass(frozen=True, slots=True)
class ErrorCheck:
    """Mean absolute errors in target units: of labels, with a lower bound, and of held-out rows, with an upper one.

    Parameters
    ----------
    labels : int
    error, lower : float
        Infinite if there are no labels, and minus infinity.
    held_out, upper : float
    """

    labels: int
    error: float
    lower: float
    held_out: float
    upper: float

    @property
    def has_risen(self) -> bool:
        """Whether the error of the labels is above that of the held-out rows by more than chance."""
        return self.labels >= MIN_LABELS and self.lower > self.upper


def check_version(version: ModelVersion, window: LabelWindow) -> ErrorCheck | None:
    """Return the comparison for a version, None if an older release has trained it and kept no calibration."""
    scores, calibration = version.lineage.scores, version.calibration
    if calibration is None:
        return None
    return check_error(window.sums, window.looks, mse=scores.mse, mae=scores.mae, held_out_rows=calibration.rows)


def check_error(labels: ErrorSums, looks: int = 1, *, mse: float, mae: float, held_out_rows: int) -> ErrorCheck:
    """Return the comparison of the labels of a version with the errors on its held-out rows, at least one.

    The lower bound is that of a confidence sequence: it holds at every look, for many labels and any distribution of
    the errors. Each of the windows, counted by `looks` from 1, has its share of ALPHA. The upper bound counts the
    held-out rows as the sample that they are.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), "Time-uniform central limit theory and asymptotic confidence
    sequences".
    """
    deviation = math.sqrt(max(mse - mae**2, 0.0) / max(held_out_rows, 1))
    upper = mae + ERRORS_OF_BOUND * deviation
    n = labels.labels
    if not n:
        return ErrorCheck(0, math.inf, -math.inf, mae, upper)
    mean = labels.absolute / n
    variance = max(labels.squared / n - mean**2, 0.0)
    spread, alpha = n * MIXTURE + 1, ALPHA * math.exp(log_share(looks))
    reach = math.sqrt(2 * spread / (n * n * MIXTURE) * math.log1p(math.sqrt(spread) / (2 * alpha)))
    return ErrorCheck(n, mean, mean - math.sqrt(variance) * reach, mae, upper)
