"""Fit charts: predictions, errors and losses of a training."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from adapters.matplotlib.canvas import BLUE, INK, ORANGE, PALE, headline, plain_axes, shown
from domain.data.arrays import FloatArray, Numbers
from domain.data.number_text import MAX_PLAIN, number_text
from domain.data.rows import Rows
from domain.features.bound_encoding import BoundEncoding
from domain.learning.plan import Training
from domain.model.linear_model import LinearModel
from domain.model.score_intervals import Interval

# Left, bottom, width and height as shares of the chart.
PLACE = (0.15, 0.12, 0.82, 0.74)
# Points of each part of the data, at most: more would overlap.
MAX_POINTS = 5_000
# Scores from here on are written in millions.
MIN_IN_MILLIONS = 1e7
# Passes of a loss that is a curve, at least, and of one whose points are marked, at most.
MIN_PASSES, MAX_MARKED_PASSES = 3, 50

Points = Callable[[FloatArray, Numbers], tuple[Numbers, Numbers]]


def draw_fit(figure: Figure, training: Training) -> None:
    """Draw the line of a model of one number, and otherwise predictions against actual values."""
    model = training.fit.model
    if model.encoding.columns[0].kind == "number" and len(model.feature_names) == 1:
        _draw_line(figure, training)
    else:
        _draw_predicted_versus_actual(figure, training)


def draw_residuals(figure: Figure, training: Training) -> None:
    """Draw errors against predictions."""
    model, target = training.fit.model, shown(training.split.train.target_name)
    axes = plain_axes(figure, PLACE)
    _scatter(axes, training, lambda values, actual: (model.predict(values), actual - model.predict(values)))
    axes.axhline(0, color=INK, linewidth=1.2, zorder=4)
    headline(figure, f"How far the predicted {target} is off", _score("RMSE", training, "rmse"))
    axes.set(xlabel=f"predicted {target}", ylabel="actual − predicted")
    axes.legend(frameon=False, fontsize=9)


def draw_loss(figure: Figure, training: Training) -> None:
    """Draw the loss of each pass."""
    report = training.fit.report
    axes = plain_axes(figure, PLACE)
    passes = range(1, len(report.losses) + 1)
    axes.plot(passes, report.losses, color=BLUE, marker="o" if len(passes) <= MAX_MARKED_PASSES else None, markersize=4)
    headline(
        figure, "Error on the training rows, pass by pass", f"{report.passes:,} passes, ended by {report.stop_reason}"
    )
    axes.set(xlabel="pass over the training rows", ylabel="mean squared error")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def has_loss_curve(training: Training) -> bool:
    """Return whether the losses make a curve."""
    return len(training.fit.report.losses) >= MIN_PASSES


def sample_values(model: LinearModel, rows: Rows, count: int = MAX_POINTS) -> tuple[FloatArray, Numbers]:
    """Return values of the model's columns, shape (n, n_features), and targets, shape (n,), of a sample of `rows`."""
    features, target = rows.sample(count, seed=0)
    return np.asarray(BoundEncoding(model.encoding, rows.columns).values(features), dtype=np.float64), target


def score_text(name: str, score: float, interval: Interval | None) -> str:
    """Return a score and the interval around it."""
    in_millions = name != "r2" and MIN_IN_MILLIONS <= abs(score) < MAX_PLAIN
    unit, suffix = (1e6, " M") if in_millions else (1.0, "")
    value, *ends = (
        f"{number:.3f}" if name == "r2" else f"{number_text(number / unit, 3)}{suffix}"
        for number in (score, *(interval or ()))
    )
    return f"{value} ({ends[0]} to {ends[1]})" if ends else value


def _draw_line(figure: Figure, training: Training) -> None:
    model, target = training.fit.model, shown(training.split.train.target_name)
    feature = shown(model.feature_names[0])
    axes = plain_axes(figure, PLACE)
    _scatter(axes, training, lambda values, actual: (values[:, 0], actual))
    line = np.linspace(*axes.get_xlim(), 200)
    axes.plot(line, model.predict(line[:, np.newaxis]), color=INK, linewidth=1.5, label="predicted", zorder=4)
    axes.set_xlim(line[0], line[-1])
    headline(figure, f"{target} by {feature}", _score("R²", training, "r2"))
    axes.set(xlabel=feature, ylabel=target)
    axes.legend(frameon=False, fontsize=9)


def _draw_predicted_versus_actual(figure: Figure, training: Training) -> None:
    model, target = training.fit.model, shown(training.split.train.target_name)
    axes = plain_axes(figure, PLACE)
    _scatter(axes, training, lambda values, actual: (model.predict(values), actual))
    draw_perfect_line(axes)
    headline(figure, f"Predicted and actual {target}", _score("R²", training, "r2"))
    axes.set(xlabel=f"predicted {target}", ylabel=f"actual {target}")
    axes.legend(frameon=False, fontsize=9, loc="upper left")


def draw_perfect_line(axes: Axes) -> None:
    """Draw the line of perfect predictions above the dots."""
    low, high = min(axes.get_xlim()[0], axes.get_ylim()[0]), max(axes.get_xlim()[1], axes.get_ylim()[1])
    axes.autoscale(False)
    axes.plot([low, high], [low, high], color=INK, linewidth=1.2, label="perfect", zorder=4)


def _score(label: str, training: Training, name: str) -> str:
    value = score_text(name, getattr(training.scores, name), training.intervals.get(name))
    sure = ", with an interval of 95 %" if name in training.intervals else ""
    return f"{label} {value} on {len(training.split.test):,} held-out rows{sure}"


def _scatter(axes: Axes, training: Training, points: Points) -> None:
    """Draw the training rows behind the held-out rows, a sample of each where they are many."""
    for rows, label, color, size, above in (
        (training.split.train, "training rows", PALE, 12, 2),
        (training.split.test, "held-out rows", ORANGE, 16, 3),
    ):
        x, y = points(*sample_values(training.fit.model, rows))
        axes.scatter(x, y, s=size, color=color, label=f"{label} ({len(rows):,})", zorder=above, linewidths=0)
