"""Comparison chart: champion and challenger on the same held-out rows."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adapters.matplotlib.canvas import BLUE, FAINT, INK, ORANGE, headline, plain_axes, shown
from adapters.matplotlib.fit_charts import draw_perfect_line, sample_values, score_text
from domain.data.arrays import FloatArray
from domain.data.dataset import Dataset
from domain.data.rows import Rows
from domain.model.linear_model import LinearModel
from domain.model.score_intervals import MAX_ROWS, score_intervals
from domain.model.scores import METRICS, Scores, evaluate

COMPARISON_INCHES = (9.5, 5.2)
MEASURES = ("r2", "rmse", "mae")


class Contender(NamedTuple):
    """A model, and how the chart shows it."""

    label: str
    color: str
    model: LinearModel


def draw_comparison(figure: Figure, challenger: LinearModel, champion: LinearModel, rows: Rows) -> None:
    """Draw predictions, errors and scores of both models for held-out rows with all features, or a sample of many."""
    total, rows = len(rows), Dataset(*rows.sample(MAX_ROWS, seed=0), rows.columns, rows.target_name)
    target = shown(rows.target_name)
    contenders = (Contender("champion", BLUE, champion), Contender("challenger", ORANGE, challenger))
    scatter = plain_axes(figure, (0.09, 0.32, 0.39, 0.53))
    errors = plain_axes(figure, (0.58, 0.32, 0.39, 0.53))
    misses = [_draw_one(scatter, errors, contender, rows) for contender in contenders]
    draw_perfect_line(scatter)
    scatter.set(xlabel=f"predicted {target}", ylabel=f"actual {target}")
    scatter.legend(frameon=False, fontsize=9, loc="upper left")
    errors.set(xlabel=f"error of {target}, at most", ylabel="share of rows (%)", ylim=(0, 101))
    errors.legend(frameon=False, fontsize=9, loc="lower right")
    closer = 100 * float(np.mean(misses[1] < misses[0]))
    of_all = f"of {total:,} " if total > len(rows) else ""
    subtitle = f"{len(rows):,} {of_all}held-out rows; the challenger is closer to {closer:.0f} % of them"
    headline(figure, f"Challenger and champion: predictions of {target}", subtitle)
    _write_scores(figure, contenders, rows)


def _draw_one(scatter: Axes, errors: Axes, contender: Contender, rows: Rows) -> FloatArray:
    """Draw one model, and return the size of its error for each row of the sample."""
    values, actual = sample_values(contender.model, rows)
    predicted = contender.model.predict(values)
    scatter.scatter(
        predicted, actual, s=14, color=contender.color, alpha=0.6, label=contender.label, zorder=3, linewidths=0
    )
    misses: FloatArray = np.abs(predicted - actual)
    shares = 100 * np.arange(1, len(misses) + 1) / len(misses)
    errors.plot(np.sort(misses), shares, color=contender.color, linewidth=1.8, label=contender.label, drawstyle="steps")
    return misses


def _write_scores(figure: Figure, contenders: tuple[Contender, ...], rows: Rows) -> None:
    """Write the scores with their intervals below the axes, a line for each model."""
    lefts = (0.09, 0.24, 0.48, 0.73)
    for left, name in zip(lefts[1:], MEASURES, strict=True):
        figure.text(left, 0.165, f"{METRICS[name].label} (interval of 95 %)", fontsize=9, color=FAINT)
    for line, contender in enumerate(contenders):
        scores: Scores = evaluate(contender.model, rows)
        intervals = score_intervals(scores, contender.model, rows)
        texts = [score_text(name, getattr(scores, name), intervals.get(name)) for name in MEASURES]
        for left, text, color in zip(lefts, (contender.label, *texts), (contender.color, INK, INK, INK), strict=True):
            figure.text(left, 0.105 - 0.055 * line, text, fontsize=10, color=color)
