"""Effect charts: what one column adds to the predictions, with the rows behind it."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from adapters.matplotlib.canvas import BLUE, FAINT, INK, PALE, as_factors, bar_axes, headline, plain_axes, png, shown
from adapters.matplotlib.column_effect import ColumnEffect
from domain.data.arrays import FloatArray
from domain.features.datetime_column import DAY_SECONDS, PARTS, DatetimeColumn, Part
from domain.features.feature_column import Effect
from domain.features.number_column import NumberColumn

WIDTH_INCHES, CURVE_INCHES, CALENDAR_INCHES = 7.0, 4.5, 1.9
# Left of the axes, as a share of the width.
LEFT = 0.15
# Height of a bar, and of what is above and below all bars.
BAR_INCHES, ABOVE_INCHES, BELOW_INCHES = 0.25, 0.75, 0.6
# Points of a curve, and bars of the strip that shows where the rows are.
CURVE_POINTS, STRIP_BARS = 300, 50
# Share of the rows at each end that a curve of many rows leaves out, because single values would squeeze it.
TAIL, MIN_ROWS_OF_TAILS = 0.01, 100
# Months, weekdays, and every sixth hour.
PART_NAMES: Mapping[Part, Sequence[str]] = {
    "month": "JFMAMJJASOND",
    "weekday": "MTWTFSS",
    "hour": [str(hour) if hour % 6 == 0 else "" for hour in range(24)],
}


def effect_png(shape: ColumnEffect) -> bytes:
    """Return a curve for a number or a date, and bars for a category or a boolean."""
    if isinstance(shape.column, DatetimeColumn):
        return _png_of_dates(shape, shape.column)
    if shape.column.kind == "number":
        return png(lambda figure: _draw_number(figure, shape), (WIDTH_INCHES, CURVE_INCHES))
    height = ABOVE_INCHES + BELOW_INCHES + BAR_INCHES * len(shape.bars())
    return png(lambda figure: _draw_bars(figure, shape), (WIDTH_INCHES, height))


def _headline(figure: Figure, shape: ColumnEffect, more: str = "") -> None:
    subtitle = f"in the model, compared with the average of the training rows{more}"
    headline(figure, f"How {shown(shape.column.name)} changes {shown(shape.target_name)}", subtitle)


def _of_empty_cells(shape: ColumnEffect) -> str:
    empty = int(np.isnan(shape.values).sum())
    effect = float(shape.effect(np.array([np.nan]))[0]) if empty else 0.0
    return f"; empty cells ({shape.share(empty)}): {shape.text(effect)}" if empty else ""


def _draw_number(figure: Figure, shape: ColumnEffect) -> None:
    _headline(figure, shape, _of_empty_cells(shape))
    strip = _draw_curve(figure, shape, shape.effect, (0.59, 0.27))
    strip.set_xlabel(shown(shape.column.name))


def _png_of_dates(shape: ColumnEffect, column: DatetimeColumn) -> bytes:
    height = CURVE_INCHES + (CALENDAR_INCHES if column.parts else 0.0)
    return png(lambda figure: _draw_dates(figure, shape, column), (WIDTH_INCHES, height))


def _draw_dates(figure: Figure, shape: ColumnEffect, column: DatetimeColumn) -> None:
    """Draw the trend, and the effects of month, weekday and hour below it."""
    _headline(figure, shape, _of_empty_cells(shape))
    terms = np.empty((len(shape.values), len(column.term_names)))
    column.encode(shape.values, terms)
    days = 1 + len(column.elapsed.knots)
    curve = column.elapsed.curve(shape.weights)
    middle = float(np.mean(terms[:, :days] @ shape.weights[:days]))
    height = figure.get_figheight()
    strip = _draw_curve(
        figure,
        shape,
        lambda seconds: curve((seconds - column.origin) / DAY_SECONDS) - middle,
        (2.55 / height, 1 - 3.2 / height),
    )
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]  # matplotlib does not annotate it
    strip.xaxis.set_major_locator(locator)
    strip.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # the same
    place, width = days, (1 - LEFT) / max(len(column.parts), 1)
    first: Axes | None = None
    for number, part in enumerate(column.parts):
        chosen = slice(place, place + len(PARTS[part]))
        axes = plain_axes(figure, (LEFT + number * width, 0.55 / height, width - 0.03, 1.2 / height), "y")
        if first:
            axes.sharey(first)
            axes.tick_params(labelleft=False)
        else:
            _label_effects(axes, shape)
            axes.set_ylabel("")
        _draw_part(axes, part, terms[:, chosen], shape.weights[chosen])
        first, place = first or axes, chosen.stop


def _draw_part(axes: Axes, part: Part, terms: FloatArray, weights: FloatArray) -> None:
    """Draw a bar for each value of a part of the calendar that the rows have."""
    rows = terms.sum(axis=0)
    present = np.flatnonzero(rows)
    effects = weights - float(rows @ weights) / max(float(rows.sum()), 1.0)
    axes.bar(present, effects[present], color=BLUE, width=0.7)
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.set_xticks(present, [PART_NAMES[part][value] for value in present.tolist()], fontsize=8)
    axes.set_xlabel(part)


def _draw_curve(figure: Figure, shape: ColumnEffect, effect: Effect, place: tuple[float, float]) -> Axes:
    """Draw the effect at a place (height and bottom as shares), and return the axes below, which show the rows."""
    height, bottom = place
    unit = DAY_SECONDS if shape.column.kind == "datetime" else 1.0
    present = shape.values[~np.isnan(shape.values)]
    low, high = _ends(present if len(present) else np.array([shape.column.typical]))
    places = np.linspace(low, high, CURVE_POINTS)
    if isinstance(shape.column, NumberColumn) and shape.column.spline:
        places = np.union1d(places, np.clip(shape.column.spline.knots, low, high))
    axes = plain_axes(figure, (LEFT, bottom, 0.97 - LEFT, height), "y")
    axes.axhline(0, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.plot(places / unit, effect(places), color=BLUE, linewidth=2.2)
    axes.set(xticks=[], xlim=(low / unit, high / unit))
    _label_effects(axes, shape)
    strip_height = 0.54 / figure.get_figheight()
    strip = plain_axes(figure, (LEFT, bottom - strip_height - 0.02, 0.97 - LEFT, strip_height), "x")
    # One shape: a third of the time of a chart would go into 50 bars.
    edges = np.unique(np.linspace(low / unit, high / unit, STRIP_BARS + 1))  # a few, where values differ by rounding
    strip.stairs(*np.histogram(present / unit, edges), fill=True, color=PALE)
    strip.set(yticks=[], xlim=(low / unit, high / unit))
    strip.set_ylabel("rows", color=FAINT, fontsize=9)
    strip.spines["left"].set_visible(False)
    return strip


def _ends(values: FloatArray) -> tuple[float, float]:
    tail = TAIL if len(values) >= MIN_ROWS_OF_TAILS else 0.0
    low, high = np.quantile(values, (tail, 1 - tail)).tolist()
    if low < high:
        return low, high
    around = abs(low) * 0.01 or 1.0
    return low - around, high + around


def _draw_bars(figure: Figure, shape: ColumnEffect) -> None:
    _headline(figure, shape)
    bars = shape.bars()
    names = [f"{shown(bar.name, 24)} ({shape.share(bar.rows)})" for bar in bars]
    axes = bar_axes(figure, names, ABOVE_INCHES, BELOW_INCHES)
    effects = [bar.effect for bar in bars]
    axes.barh(range(len(bars)), effects, color=[BLUE if effect >= 0 else PALE for effect in effects], height=0.66)
    axes.axvline(0, color=INK, linewidth=0.8)
    if shape.log:
        as_factors(axes.xaxis)
    axes.set_xlabel(f"{shape.label} (share of the rows in brackets)")


def _label_effects(axes: Axes, shape: ColumnEffect) -> None:
    if shape.log:
        as_factors(axes.yaxis)
    axes.set_ylabel(shape.label)
