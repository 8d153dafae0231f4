"""Feedback families: the metrics of labels and errors."""

from collections.abc import Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from entrypoints.observability.metrics.series import Series

FAMILIES: Mapping[str, tuple[type[CounterMetricFamily | GaugeMetricFamily], Series, str]] = {
    "feedback": (CounterMetricFamily, ("outcome",), "Labels that clients sent back, by what became of them."),
    "feedback_labels": (CounterMetricFamily, ("version",), "Labels that count for the error of a version."),
    "feedback_squared_errors": (CounterMetricFamily, ("version",), "Sum of the squared errors of these labels."),
    "feedback_absolute_errors": (CounterMetricFamily, ("version",), "Sum of the absolute errors of these labels."),
    "rollout_squared_errors": (CounterMetricFamily, ("point",), "Labels of a rollout, by point of the grid."),
    "feedback_error": (GaugeMetricFamily, ("version", "metric"), "Mean error since the server's start."),
    "error_risen": (GaugeMetricFamily, ("version",), "1 if the error of labels is surely above that of held-out rows."),
    "holdout_error": (GaugeMetricFamily, ("version", "metric"), "Mean error of a served model on held-out rows."),
}
