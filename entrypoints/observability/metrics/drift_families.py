"""Drift families: how much the rows of the champion differ from its training rows, and their counts by bin."""

from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from domain.monitoring.drift_report import DriftReport
from entrypoints.observability.metrics.series import Series

# Columns with gauges, and bins with a count, at most: those of the first columns, and those of the predictions.
MAX_COLUMNS, MAX_BINS = 64, 1_024
FAMILIES: dict[str, tuple[type[CounterMetricFamily | GaugeMetricFamily], Series, str]] = {
    "drift_rows": (GaugeMetricFamily, ("version",), "Rows that are compared with the training rows."),
    "drift_looks": (GaugeMetricFamily, ("version",), "Windows of rows of the version until now, from 1."),
    "drift_since_seconds": (GaugeMetricFamily, ("version",), "Unix time of the first of these rows."),
    "drift_index": (GaugeMetricFamily, ("feature",), "Population stability index of the rows, beyond its expectation."),
    "drift_detected": (GaugeMetricFamily, ("feature",), "1 if the rows are sure to differ from training, by much."),
    "drift_bin_rows": (GaugeMetricFamily, ("version", "bin"), "Rows by the place of their bin, without zeros."),
}


def drift_gauges(report: DriftReport | None) -> dict[Series, float]:
    """Return the gauges of a report, none before the first row."""
    if report is None or report.window is None:
        return {}
    window, version = report.window, report.version
    gauges: dict[Series, float] = {("drift_rows", version): window.rows, ("drift_looks", version): window.looks}
    gauges["drift_since_seconds", version] = window.since
    for drift in (*report.columns[:-1][:MAX_COLUMNS], report.columns[-1]):
        gauges["drift_index", drift.name] = drift.index - drift.expected_index
        gauges["drift_detected", drift.name] = drift.has_drifted
    sizes = [drift.bins for drift in report.columns]
    counts = window.fitted(sum(sizes)).tolist()
    for place in exported_places(sizes):
        if count := counts[place]:
            gauges["drift_bin_rows", version, str(place)] = count
    return gauges


def exported_places(sizes: list[int]) -> list[int]:
    """Return the places of the bins of the first columns and of the predictions, given the number of bins of each."""
    *ends, total = accumulate(sizes)
    fitting = max((end for end in ends if end <= MAX_BINS), default=0)
    return [*range(fitting), *range(total - sizes[-1], total)]
