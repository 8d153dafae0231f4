"""Errors of versions: means of all labels, of a bounded number of versions."""

from domain.delivery.labels import ErrorSums
from domain.monitoring.label_window import LabelWindow
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.metrics.feedback_sums import (
    HELD_OUT_ROWS,
    LABELS,
    MAX_VERSIONS,
    SUMS,
    error_gauges,
    risen_gauges,
)


def report(version, labels=2, squared=25.0, absolute=7.0):
    return {(LABELS, version): labels, (SUMS["mse"], version): squared, (SUMS["mae"], version): absolute}


def test_errors_are_means_of_the_labels_of_all_workers():
    aggregator = MetricsAggregator()
    for worker in range(3):
        aggregator.add(report("7"), {"in_flight": 0, "version": "7", "mse": 2.0, "mae": 1.0}, worker)
    aggregator.add({}, {"in_flight": 0}, 4)

    assert error_gauges(*aggregator.read()) == {
        ("feedback_error", "7", "mse"): 12.5,
        ("feedback_error", "7", "mae"): 3.5,
        ("holdout_error", "7", "mse"): 2.0,
        ("holdout_error", "7", "mae"): 1.0,
    }


def test_versions_that_were_labeled_first_are_dropped_first():
    aggregator = MetricsAggregator()
    for version in range(MAX_VERSIONS + 3):
        aggregator.add(report(str(version)))

    versions = {series[1] for series in aggregator.read()[0]}
    assert versions == {str(version) for version in range(3, MAX_VERSIONS + 3)}


def test_error_of_labels_has_risen_above_that_of_held_out_rows():
    state = {"in_flight": 0, "version": "7", "mse": 2.0, "mae": 1.0, HELD_OUT_ROWS: 100}
    for labels, risen in ((0, False), (49, False), (60, True)):
        errors = {"7": LabelWindow(ErrorSums(labels, 26.0 * labels, 5.0 * labels), 1)}

        assert risen_gauges([state, {"in_flight": 0}], errors.__getitem__) == {("error_risen", "7"): risen}
