"""Labels: what the labels of a request count as, for the errors of each version and for the test of a rollout."""

import math
import sys
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from domain.delivery.counts import TRUTH_POINTS
from domain.delivery.feedback_token import NO_ROLLOUT, FeedbackToken
from domain.delivery.measures import ERROR_SCALE
from domain.model.usable_values import MAX_MAGNITUDE

_INTERVALS = TRUTH_POINTS - 1


class LabelOutcome(StrEnum):
    """What became of a label."""

    COUNTED = "counted"
    LATE = "late"
    """It is too old, or of another rollout; in the second case, the champion's error is counted."""
    REPEATED = "repeated"
    """This host has counted a label with the same token."""


@dataclass(slots=True)
class ErrorSums:
    """Number of labels of a version, and sums of its squared and absolute errors."""

    labels: int = 0
    squared: float = 0.0
    absolute: float = 0.0

    def add(self, error: float) -> None:
        """Add an error in target units; a sum beyond 1e300 would be no number any more."""
        bounded = min(abs(error), math.sqrt(MAX_MAGNITUDE))
        self.labels += 1
        self.squared += bounded * bounded
        self.absolute += bounded


@dataclass(frozen=True, slots=True)
class PairedLabels:
    """Labels of a rollout: each compares the squared errors of both models.

    Parameters
    ----------
    mark : bytes
        `rollout_mark` of the rollout.
    baseline : str
        Version of the champion at its start.
    mse : float
        The baseline's hold-out MSE.
    """

    mark: bytes
    baseline: str
    mse: float

    def point(self, token: FeedbackToken, label: float) -> int | None:
        """Return the `truth_point` of a label, None if its token is of another rollout; its nonce is the coin."""
        if token.other is None or token.rollout != self.mark:
            return None
        predictions = token.champion, token.other
        baseline, candidate = predictions if token.version == self.baseline else reversed(predictions)
        coin = token.nonce / 2**64
        return truth_point(label, baseline=baseline, candidate=candidate, mse=self.mse, coin=coin)


@dataclass(slots=True)
class LabelCounts:
    """Counts of the labels of a request.

    Parameters
    ----------
    outcomes : mapping of LabelOutcome to int
    errors : mapping of str to ErrorSums
        Errors of the champion, by version.
    points : mapping of int to int
        Labels of the rollout, by `truth_point`.
    """

    outcomes: Counter[LabelOutcome] = field(default_factory=Counter)
    errors: dict[str, ErrorSums] = field(default_factory=dict)
    points: Counter[int] = field(default_factory=Counter)

    def add(self, token: FeedbackToken, label: float, pairs: PairedLabels | None) -> None:
        """Count a label for the champion's error, and for the rollout under way if `pairs` are of its token's."""
        self.errors.setdefault(token.version, ErrorSums()).add(label - token.champion)
        point = None if pairs is None else pairs.point(token, label)
        if point is not None:
            self.points[point] += 1
        is_late = point is None and token.rollout != NO_ROLLOUT
        self.outcomes[LabelOutcome.LATE if is_late else LabelOutcome.COUNTED] += 1


def truth_point(label: float, *, baseline: float, candidate: float, mse: float, coin: float) -> int:
    """Return the point, 0 to 32, of the candidate's squared error minus the baseline's.

    The grid reaches from −1 to 1 in units of four times `mse`; a difference beyond it is at its end. Between two points
    the coin decides, so that the mean over coins is the difference itself.

    Parameters
    ----------
    label, baseline, candidate : float
        Finite, in target units.
    mse : float
        The baseline's hold-out MSE.
    coin : float
        Uniform from 0 to 1, 1 excluded.

    Examples
    --------
    >>> truth_point(3.0, baseline=3.0, candidate=3.0, mse=1.0, coin=0.7)
    16
    """
    # A difference of two squares would be NaN where both squares are beyond a float.
    difference = (baseline - candidate) * ((label - candidate) + (label - baseline))
    scaled = difference / max(ERROR_SCALE * mse, sys.float_info.min)
    if math.isnan(scaled):
        scaled = 0.0
    place = (min(max(scaled, -1.0), 1.0) + 1.0) / 2.0 * _INTERVALS
    below = math.floor(place)
    return below + (coin < place - below)
