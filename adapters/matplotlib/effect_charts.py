"""Effect charts: what one column adds to the predictions, with the rows behind it."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from adapters.matplotlib.canvas import (
    BLUE,
    FAINT,
    INK,
    PALE,
    as_factors,
    bar_axes,
    headline,
    new_canvas,
    plain_axes,
    png,
    redrawn,
    shown,
)
from adapters.matplotlib.column_effect import ColumnEffect
from domain.data.arrays import FloatArray
from domain.features.datetime_column import DAY_SECONDS, PARTS, DatetimeColumn, Part
from domain.features.feature_column import Effect
from domain.features.number_column import NumberColumn

WIDTH_INCHES, CURVE_INCHES, CALENDAR_INCHES = 7.0, 4.5, 1.9
# Left of the axes, as a share of the width.
LEFT = 0.15
SUBTITLE = "in the model, compared with the average of the training rows"
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


class EffectCharts:
    """Charts of the effects of a model's columns.

    Columns of numbers share one figure, because making its axes and ticks takes half of the time of a chart.
    """

    def __init__(self) -> None:
        self._numbers: _NumberFigure | None = None

    def png(self, shape: ColumnEffect) -> bytes:
        """Return a curve for a number or a date, and bars for a category or a boolean."""
        if isinstance(shape.column, DatetimeColumn):
            return _png_of_dates(shape, shape.column)
        if shape.column.kind == "number":
            self._numbers = self._numbers or _NumberFigure(shape)
            return self._numbers.png(shape)
        height = ABOVE_INCHES + BELOW_INCHES + BAR_INCHES * len(shape.bars())
        return png(lambda figure: _draw_bars(figure, shape), (WIDTH_INCHES, height))


class _NumberFigure:
    """The curve of a number and the strip of its rows, redrawn for each column of a model."""

    def __init__(self, shape: ColumnEffect) -> None:
        self._canvas = new_canvas((WIDTH_INCHES, CURVE_INCHES))
        _headline(self._canvas.figure, shape)
        self._axes = _Curve(self._canvas.figure, shape, (0.59, 0.27))

    def png(self, shape: ColumnEffect) -> bytes:
        return redrawn(self._canvas, lambda: self._draw(shape))

    def _draw(self, shape: ColumnEffect) -> None:
        title, subtitle = self._canvas.figure.texts
        title.set_text(_title(shape))
        subtitle.set_text(SUBTITLE + _of_empty_cells(shape))
        self._axes.draw(shape, shape.effect)
        self._axes.strip.set_xlabel(shown(shape.column.name))


def _headline(figure: Figure, shape: ColumnEffect, more: str = "") -> None:
    headline(figure, _title(shape), SUBTITLE + more)


def _title(shape: ColumnEffect) -> str:
    return f"How {shown(shape.column.name)} changes {shown(shape.target_name)}"


def _of_empty_cells(shape: ColumnEffect) -> str:
    empty = int(np.isnan(shape.values).sum())
    effect = float(shape.effect(np.array([np.nan]))[0]) if empty else 0.0
    return f"; empty cells ({shape.share(empty)}): {shape.text(effect)}" if empty else ""


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
    axes = _Curve(figure, shape, (2.55 / height, 1 - 3.2 / height))
    axes.draw(shape, lambda seconds: curve((seconds - column.origin) / DAY_SECONDS) - middle)
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]  # matplotlib does not annotate it
    axes.strip.xaxis.set_major_locator(locator)
    axes.strip.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # the same
    place, width = days, (1 - LEFT) / max(len(column.parts), 1)
    first: Axes | None = None
    for number, part in enumerate(column.parts):
        chosen = slice(place, place + len(PARTS[part]))
        bars = plain_axes(figure, (LEFT + number * width, 0.55 / height, width - 0.03, 1.2 / height), "y")
        if first:
            bars.sharey(first)
            bars.tick_params(labelleft=False)
        else:
            _label_effects(bars, shape)
            bars.set_ylabel("")
        _draw_part(bars, part, terms[:, chosen], shape.weights[chosen])
        first, place = first or bars, chosen.stop


def _draw_part(axes: Axes, part: Part, terms: FloatArray, weights: FloatArray) -> None:
    """Draw a bar for each value of a part of the calendar that the rows have."""
    rows = terms.sum(axis=0)
    present = np.flatnonzero(rows)
    effects = weights - float(rows @ weights) / max(float(rows.sum()), 1.0)
    axes.bar(present, effects[present], color=BLUE, width=0.7)
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.set_xticks(present, [PART_NAMES[part][value] for value in present.tolist()], fontsize=8)
    axes.set_xlabel(part)


class _Curve:
    """Axes for the effect at a place (height and bottom as shares), and a `strip` below, which shows the rows."""

    def __init__(self, figure: Figure, shape: ColumnEffect, place: tuple[float, float]) -> None:
        height, bottom = place
        self._axes = plain_axes(figure, (LEFT, bottom, 0.97 - LEFT, height), "y")
        self._axes.axhline(0, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        (self._line,) = self._axes.plot([], [], color=BLUE, linewidth=2.2)
        self._axes.set(xticks=[])
        _label_effects(self._axes, shape)
        strip_height = 0.54 / figure.get_figheight()
        self.strip = plain_axes(figure, (LEFT, bottom - strip_height - 0.02, 0.97 - LEFT, strip_height), "x")
        self.strip.set(yticks=[])
        self.strip.set_ylabel("rows", color=FAINT, fontsize=9)
        self.strip.spines["left"].set_visible(False)

    def draw(self, shape: ColumnEffect, effect: Effect) -> None:
        """Draw the effect and the rows in place of those of the column before."""
        unit = DAY_SECONDS if shape.column.kind == "datetime" else 1.0
        present = shape.values[~np.isnan(shape.values)]
        low, high = _ends(present if len(present) else np.array([shape.column.typical]))
        places = np.linspace(low, high, CURVE_POINTS)
        if isinstance(shape.column, NumberColumn) and shape.column.spline:
            places = np.union1d(places, np.clip(shape.column.spline.knots, low, high))
        self._line.set_data(places / unit, effect(places))
        self._axes.set_xlim(low / unit, high / unit)
        self._axes.relim()
        self._axes.autoscale_view(scalex=False)
        for rows in self.strip.patches:
            rows.remove()
        self.strip.relim()
        # A few, where values differ by rounding.
        edges = np.unique(np.linspace(low / unit, high / unit, STRIP_BARS + 1))
        # One shape: a third of the time of a chart would go into 50 bars.
        self.strip.stairs(*np.histogram(present / unit, edges), fill=True, color=PALE)
        self.strip.set_xlim(low / unit, high / unit)


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
