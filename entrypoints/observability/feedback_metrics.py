"""Feedback metrics: the series of a request's labels."""

from collections import defaultdict

from domain.delivery.labels import LabelCounts
from entrypoints.observability.metrics.series import Series


def count_labels(counts: LabelCounts, amounts: defaultdict[Series, float]) -> None:
    """Add the counts of a request's labels."""
    for outcome, labels in counts.outcomes.items():
        amounts["feedback", outcome] += labels
    for version, sums in counts.errors.items():
        amounts["feedback_labels", version] += sums.labels
        amounts["feedback_squared_errors", version] += sums.squared
        amounts["feedback_absolute_errors", version] += sums.absolute
    for point, labels in counts.points.items():
        amounts["rollout_squared_errors", f"{point:02}"] += labels
