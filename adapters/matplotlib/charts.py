"""Charts of a tracked run: the fit, its residuals, and the loss of each pass."""

import io
from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from domain.data.arrays import Block, Numbers
from domain.learning.plan import Training
from domain.ports import Charts

SIZE_INCHES = (7.0, 4.5)
DOTS_PER_INCH = 120
# Left, bottom, width and height as shares of the chart. A computed layout would take a third of the time of drawing.
AXES = (0.14, 0.12, 0.83, 0.8)
# Points of each part of the data, at most: more would overlap.
MAX_POINTS = 5_000


class MatplotlibCharts(Charts):
    """Draws `fit.png`, `residuals.png` and `loss.png`.

    With one feature the fit is the line through the rows; with several it is prediction against truth.
    """

    def draw(self, training: Training) -> Mapping[str, bytes]:
        """Return the three charts."""
        one_feature = len(training.fit.model.feature_names) == 1
        return {
            "fit.png": _png(training, _draw_line if one_feature else _draw_predicted_versus_actual),
            "residuals.png": _png(training, _draw_residuals),
            "loss.png": _png(training, _draw_loss),
        }


def _png(training: Training, draw: Callable[[Axes, Training], None]) -> bytes:
    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH)
    axes = figure.add_axes(AXES)
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes, training)
    image = io.BytesIO()
    figure.savefig(image, format="png")
    return image.getvalue()


def _draw_line(axes: Axes, training: Training) -> None:
    model = training.fit.model
    _scatter(axes, training, lambda rows: (rows.features[:, 0], rows.target))
    ends = np.array(axes.get_xlim()).reshape(2, 1)
    sign = "−" if model.coefficients[0] < 0 else "+"
    formula = f"{model.intercept:,.1f} {sign} {abs(model.coefficients[0]):,.1f} · {model.feature_names[0]}"
    axes.plot(ends, model.predict(ends), color="black", linewidth=1.2, label=formula)
    title = f"The fit: R² = {training.scores.r2:.3f} on the held-out rows"
    axes.set(title=title, xlabel=f"{model.feature_names[0]} (unit of the column)", ylabel=_target(training))
    axes.legend(frameon=False, loc="upper right" if model.coefficients[0] < 0 else "upper left")


def _draw_predicted_versus_actual(axes: Axes, training: Training) -> None:
    model, target = training.fit.model, _target(training)
    _scatter(axes, training, lambda rows: (model.predict(rows.features), rows.target))
    middle = float(training.split.test.sample(MAX_POINTS, seed=0).target.mean())
    axes.axline((middle, middle), slope=1, color="black", linewidth=1.2, label="perfect")
    title = f"Predicted and actual: R² = {training.scores.r2:.3f} on the held-out rows"
    axes.set(title=title, xlabel=f"predicted {target}", ylabel=f"actual {target}")
    axes.legend(frameon=False, loc="upper left")


def _draw_residuals(axes: Axes, training: Training) -> None:
    model, target = training.fit.model, _target(training)
    _scatter(axes, training, lambda rows: (model.predict(rows.features), rows.target - model.predict(rows.features)))
    axes.axhline(0, color="black", linewidth=1.2)
    title = f"Residuals: RMSE = {training.scores.rmse:,.4g} on the held-out rows"
    axes.set(title=title, xlabel=f"predicted {target}", ylabel=f"actual − predicted {target}")
    axes.legend(frameon=False, loc="upper right")


def _draw_loss(axes: Axes, training: Training) -> None:
    report = training.fit.report
    few = len(report.losses) <= 50  # noqa: PLR2004  # more marks overlap
    axes.plot(range(1, len(report.losses) + 1), report.losses, marker="o" if few else None, markersize=4)
    passes = "pass" if report.passes == 1 else "passes"
    axes.set(
        title=f"Loss: {report.passes:,} {passes}, stopped by {report.stop_reason}",
        xlabel="pass (readings of the training rows)",
        ylabel=f"mean squared error ({training.split.train.target_name} units squared)",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.ticklabel_format(axis="y", useOffset=False)


def _scatter(axes: Axes, training: Training, points: Callable[[Block], tuple[Numbers, Numbers]]) -> None:
    """Draw the training rows behind the held-out rows, a sample of each where they are many."""
    for rows, label, color, size in (
        (training.split.train, "training rows", "#9db7d5", 14),
        (training.split.test, "held-out rows", "#d1495b", 22),
    ):
        x, y = points(rows.sample(MAX_POINTS, seed=0))
        axes.scatter(x, y, s=size, color=color, label=f"{label} ({len(rows):,})")


def _target(training: Training) -> str:
    return f"{training.split.train.target_name} (target units)"
