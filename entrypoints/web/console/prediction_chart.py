"""Prediction chart: predictions with their intervals, among those for the training rows."""

from itertools import pairwise

from markupsafe import Markup

from application.serving.try_row import Trial, TriedRow
from domain.model.column_bins import NumberBins
from domain.model.model_version import ModelVersion
from entrypoints.web.console.charts.density import Bins
from entrypoints.web.console.charts.ranges import Range, axis, ranges
from entrypoints.web.console.numerals import number


def prediction_chart(tried: TriedRow) -> Markup | None:
    """Return the predictions on an axis; None without any interval."""
    drawn = [_range(trial) for trial in (tried.champion, tried.challenger) if trial]
    if not any(trial.interval for trial in (tried.champion, tried.challenger) if trial):
        return None
    bins = _bins(tried.champion.version)
    low, high = map(number, axis(drawn, bins))
    return ranges(drawn, bins, f"Predictions and their intervals, from {low} to {high}", low, high)


def middle_predictions(version: ModelVersion) -> str:
    """Return which predictions for the training rows the bars show, in a sentence; empty without bars."""
    bins = _bins(version)
    if not bins or not version.distributions:
        return ""
    share = sum(count for *_, count in bins) / version.distributions.rows
    low, high = number(bins[0][0]), number(bins[-1][1])
    return f"Bars show the predictions for the middle {100 * share:.0f} % of the training rows, from {low} to {high}."


def _bins(version: ModelVersion) -> Bins:
    """Return the ranges that predictions for the training rows were counted in, but for the two without an end."""
    predictions = version.distributions.predictions if version.distributions else None
    if predictions is None or not isinstance(predictions.bins, NumberBins):
        return ()
    counted = zip(pairwise(predictions.bins.edges), predictions.counts[1:], strict=False)
    return tuple((low, high, count) for (low, high), count in counted)


def _range(trial: Trial) -> Range:
    low, high = trial.interval or (trial.prediction, trial.prediction)
    return Range(low, trial.prediction, high)
