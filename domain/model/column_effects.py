"""Column effects: what each column adds to a prediction, as curves and levels that people can read."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.columns import Kind
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DAY_SECONDS, PARTS, DatetimeColumn
from domain.features.feature_column import Effect
from domain.features.number_column import NumberColumn
from domain.model.importance import ranked_spreads
from domain.model.linear_model import LinearModel
from domain.model.moments import Moments

# Standard deviations on either side of the mean, where least and largest value were not measured.
RANGE_DEVIATIONS = 2.0
RARE, EMPTY = "(rare levels)", "(empty)"

Points = tuple[tuple[float, float], ...]
Levels = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class ColumnEffect:
    """Effect of a column on the sum of the terms, compared with its typical cell.

    Parameters
    ----------
    name : str
    kind : {'number', 'boolean', 'category', 'datetime'}
    spread : float or None
        Standard deviation over the training rows; None if the model has no moments.
    curve : tuple of (float, float)
        Rising numbers, or seconds since 1970, and their effects, which are linear between them; () for other kinds.
    levels : tuple of (str, float)
        Texts of a category, values of a boolean, parts of the calendar, and the empty cell, and their effects.
    """

    name: str
    kind: Kind
    spread: float | None
    curve: Points = ()
    levels: Levels = ()

    @property
    def reach(self) -> float:
        """Distance between the largest and the least effect of the curve, and of the levels."""
        curve, levels = ([effect for _, effect in pairs] for pairs in (self.curve, self.levels))
        return float(sum(np.ptp(effects) for effects in (curve, levels) if effects))


def column_effects(model: LinearModel, moments: Moments | None) -> tuple[ColumnEffect, ...]:
    """Return the effect of each column, the largest first.

    Products of columns are zero where the other column has its mean, so an effect is that of an average row.
    """
    spreads = {part.columns: spread for part, spread in ranked_spreads(model, moments)} if moments else {}
    found = [
        ColumnEffect(column.name, column.kind, spreads.get((place,), 0.0) if moments else None, *shape)
        for place, (column, shape) in enumerate(zip(model.encoding.columns, _shapes(model, moments), strict=True))
    ]
    return tuple(sorted(found, key=lambda effect: -(effect.reach if effect.spread is None else effect.spread)))


def largest_change(before: ColumnEffect, after: ColumnEffect) -> float | None:
    """Return how far two effects of a column are apart at most, None if they have no place in common.

    Curves are linear between their points, so that one of these, within the range of both, has the largest distance.

    Examples
    --------
    >>> flat = ColumnEffect("area", "number", None, ((0.0, 1.0), (4.0, 1.0)))
    >>> bent = ColumnEffect("area", "number", None, ((0.0, 1.0), (2.0, 5.0), (9.0, 0.0)))
    >>> largest_change(flat, bent)
    4.0
    """
    levels = dict(after.levels)
    changes = [abs(levels[name] - effect) for name, effect in before.levels if name in levels]
    if before.curve and after.curve:
        (first, heights), (second, others) = (np.array(effect.curve).T for effect in (before, after))
        places = np.union1d(first, second)
        common = places[(places >= max(first[0], second[0])) & (places <= min(first[-1], second[-1]))]
        changes += np.abs(np.interp(common, second, others) - np.interp(common, first, heights)).tolist()
    return max(changes, default=None)


def pair_spreads(model: LinearModel, moments: Moments | None) -> tuple[tuple[str, float], ...]:
    """Return the pairs of columns with products and the standard deviation of what they add, the largest first."""
    ranked = ranked_spreads(model, moments) if moments else ()
    return tuple((part.name, spread) for part, spread in ranked if len(part.columns) > 1)


def _shapes(model: LinearModel, moments: Moments | None) -> Iterator[tuple[Points, Levels]]:
    """Yield curve and levels of each column."""
    for column, part in zip(model.encoding.columns, model.encoding.column_slices, strict=True):
        coefficients = model.coefficients[part]
        effect = _compared(column.effect(coefficients), column.typical)
        empty = ((EMPTY, *effect(np.array([np.nan])).tolist()),) if column.has_gaps else ()
        if isinstance(column, CategoryColumn):
            yield (), (*_category_levels(column, effect), *empty)
        elif isinstance(column, DatetimeColumn):
            curve, parts = _datetime(column, coefficients)
            yield curve, (*parts, *empty)
        elif column.kind == "boolean":
            yield (), (*_named(("false", "true"), effect(np.array([0.0, 1.0]))), *empty)
        else:
            numbers = _number_places(column, part.start, moments)
            yield tuple(zip(numbers.tolist(), effect(numbers).tolist(), strict=True)), empty


def _compared(effect: Effect, typical: float) -> Effect:
    base = effect(np.array([typical]))
    return lambda values: effect(values) - base


def _category_levels(column: CategoryColumn, effect: Effect) -> Levels:
    names = (*column.levels, *([RARE] if column.pooled else []))
    return _named(names, effect(np.arange(float(len(names)))))


def _datetime(column: DatetimeColumn, coefficients: FloatArray) -> tuple[Points, Levels]:
    """Return the trend over time, and each part of the calendar, compared with the mean of the part."""
    days = np.array([column.elapsed.low, *column.elapsed.knots, column.elapsed.high])
    heights = column.elapsed.curve(coefficients)(days)
    typical = column.elapsed.curve(coefficients)(np.array([(column.fill - column.origin) / DAY_SECONDS]))
    moments, place = column.origin + days * DAY_SECONDS, 1 + len(column.elapsed.knots)
    levels: list[tuple[str, float]] = []
    for part in column.parts:
        effects = coefficients[place : place + len(PARTS[part])]
        names = tuple(f"{part} {value}" for value in PARTS[part])
        levels += _named(names, effects - effects.mean())
        place += len(PARTS[part])
    return tuple(zip(moments.tolist(), (heights - typical).tolist(), strict=True)), tuple(levels)


def _number_places(column: NumberColumn, term: int, moments: Moments | None) -> FloatArray:
    """Return the ends and bends of the effect; without a measured range, mean ± 2 standard deviations."""
    if column.spline is not None:
        return np.array([column.spline.low, *column.spline.knots, column.spline.high])
    if column.low is not None and column.high is not None:
        return np.array([column.low, column.high])
    center, deviation = column.center, column.scale
    if moments:
        center, deviation = float(moments.mean[term]), float(np.linalg.norm(moments.factor[:, term]))
    return center + RANGE_DEVIATIONS * deviation * np.array([-1.0, 1.0])


def _named(names: tuple[str, ...], effects: FloatArray) -> Levels:
    return tuple(zip(names, effects.tolist(), strict=True))
