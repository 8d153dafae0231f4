"""Importance chart: how much each column matters, largest first, with intervals."""

from matplotlib.figure import Figure

from adapters.matplotlib.canvas import BLUE, FAINT, INK, as_factors, bar_axes, headline, shown
from domain.learning.plan import Training
from domain.model.importance import Importance, summed_spread

# Bars, at most; the others are one more bar.
MAX_BARS = 15
WIDTH_INCHES, BAR_INCHES, ABOVE_INCHES, BELOW_INCHES = 7.0, 0.28, 0.75, 0.6


def importance_size(importances: tuple[Importance, ...]) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH_INCHES, ABOVE_INCHES + BELOW_INCHES + BAR_INCHES * min(len(importances), MAX_BARS + 1)


def draw_importance(figure: Figure, training: Training) -> None:
    """Draw a bar for each column and for each pair of columns."""
    fit, target = training.fit, shown(training.split.train.target_name)
    bars, others = training.importances[:MAX_BARS], training.importances[MAX_BARS:]
    names = [shown(bar.name, 30) for bar in bars]
    spreads = [bar.spread for bar in bars]
    if others:
        names.append(f"{len(others)} others together")
        spreads.append(summed_spread(fit.model, fit.moments, others))
    axes = bar_axes(figure, names, ABOVE_INCHES, BELOW_INCHES)
    axes.barh(range(len(names)), spreads, color=[BLUE] * len(bars) + [FAINT], height=0.66)
    for place, bar in enumerate(bars):
        if bar.interval:
            axes.plot(bar.interval, [place, place], color=INK, linewidth=1.4, solid_capstyle="butt")
    axes.set_xlim(left=0)
    log = fit.model.target_transform.log
    if log:
        as_factors(axes.xaxis)
    unit = f"{target} typically changes by this factor" if log else f"typical change of {target}"
    axes.set_xlabel(f"{unit} (standard deviation)")
    headline(
        figure, f"How much each column matters for {target}", "over the training rows; lines are intervals of 95 %"
    )
