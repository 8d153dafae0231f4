"""Feedback sums: the errors of each version from the sums over its labels."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence

from domain.monitoring.label_window import LabelWindow
from domain.monitoring.truth import check_error
from entrypoints.observability.metrics.series import Series, State

LABELS = "feedback_labels"
SUMS = {"mse": "feedback_squared_errors", "mae": "feedback_absolute_errors"}
# The state's number of rows on which the served model was scored.
HELD_OUT_ROWS = "held_out_rows"
# Versions with sums, at most: those that were labeled first go first.
MAX_VERSIONS = 32


def drop_old_versions(sums: MutableMapping[Series, float]) -> None:
    """Remove the sums of the versions beyond `MAX_VERSIONS`."""
    versions = [series[1] for series in sums if series[0] == LABELS]
    for version in versions[:-MAX_VERSIONS]:
        for name in (LABELS, *SUMS.values()):
            del sums[name, version]


def error_gauges(sums: Mapping[Series, float], states: Sequence[State]) -> dict[Series, float]:
    """Return the errors by labels and by held-out rows for each version that has any."""
    labels = {series[1]: count for series, count in sums.items() if series[0] == LABELS}
    gauges: dict[Series, float] = {
        ("feedback_error", version, metric): sums[name, version] / count
        for version, count in labels.items()
        for metric, name in SUMS.items()
    }
    for state in states:
        gauges |= {("holdout_error", state["version"], metric): state[metric] for metric in SUMS if metric in state}
    return gauges


def risen_gauges(states: Sequence[State], errors: Callable[[str], LabelWindow]) -> dict[Series, float]:
    """Return whether the error of each served version has risen; `errors` returns the window of a version."""
    windows = ((state, errors(state["version"])) for state in states if HELD_OUT_ROWS in state)
    return {
        ("error_risen", state["version"]): check_error(
            window.sums, window.looks, mse=state["mse"], mae=state["mae"], held_out_rows=state[HELD_OUT_ROWS]
        ).has_risen
        for state, window in windows
    }
