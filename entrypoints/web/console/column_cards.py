"""Column cards: the effect of each column as a curve, and as a bar for each of its levels."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import expm1

from markupsafe import Markup

from domain.features.moments import to_iso_text
from domain.model.column_effects import ColumnEffect
from domain.model.model_version import ModelVersion
from entrypoints.web.console.charts.bars import bar
from entrypoints.web.console.charts.curves import Labels, curve
from entrypoints.web.console.charts.density import Bins
from entrypoints.web.console.numerals import end_of_range, signed

# Levels of one column, and months, weekdays and hours of one, at most.
MAX_LEVELS, MAX_CALENDAR_LEVELS = 8, 20
# Of a logarithm, beyond which its exponential is no number.
MAX_EXPONENT = 700.0

Shown = Callable[[float], str]
"""Returns an effect in words."""


@dataclass(frozen=True, slots=True)
class LevelBar:
    """Effect of a level, in words and as a bar; `other` is that of the other version."""

    name: str
    text: str
    chart: Markup
    other: str = ""


@dataclass(frozen=True, slots=True)
class ColumnCard:
    """Effect of a column: its typical size, its curve, and its levels with the largest effects.

    `change` is how the column differs in another version, in words.
    """

    name: str
    kind: str
    spread: str
    chart: Markup | None
    levels: tuple[LevelBar, ...]
    more_levels: int
    change: str = ""


def shown_effect(version: ModelVersion) -> Shown:
    """Return how effects of the version are written: in target units, or as percentages of the prediction."""
    return _percent if version.model.target_transform.log else signed


def column_card(effect: ColumnEffect, other: ColumnEffect | None, shown: Shown, bins: Bins) -> ColumnCard:
    """Return the card of a column; `other` is the effect of the same column in another version."""
    same = other if other is not None and other.kind == effect.kind else None
    ranked = _shown_levels(effect)
    low, high = (min(0.0, *(each for _, each in ranked)), max(0.0, *(each for _, each in ranked))) if ranked else (0, 0)
    of_other = dict(same.levels) if same else {}
    return ColumnCard(
        name=effect.name,
        kind=effect.kind,
        spread=typical_effect(effect.spread, shown),
        chart=_chart(effect, same, shown, bins) if effect.curve else None,
        levels=tuple(
            LevelBar(
                _calendar_name(name) if effect.kind == "datetime" else name,
                shown(each),
                bar(each, low, high),
                shown(of_other[name]) if name in of_other else "",
            )
            for name, each in ranked
        ),
        more_levels=len(effect.levels) - len(ranked),
    )


def _shown_levels(effect: ColumnEffect) -> Sequence[tuple[str, float]]:
    """Return the levels with the largest effects, the largest first; those of a calendar in its order."""
    ranked = sorted(effect.levels, key=lambda level: -abs(level[1]))
    if effect.kind != "datetime":
        return ranked[:MAX_LEVELS]
    shown = ranked[:MAX_CALENDAR_LEVELS]
    return [level for level in effect.levels if level in shown]


def typical_effect(spread: float | None, shown: Shown) -> str:
    """Return a standard deviation in words, empty if it was not measured."""
    return "" if spread is None else shown(spread).removeprefix("+")


def _chart(effect: ColumnEffect, other: ColumnEffect | None, shown: Shown, bins: Bins) -> Markup:
    others = other.curve if other else ()
    points = (*effect.curve, *others)
    low, high = (end(place for place, _ in points) for end in (min, max))
    effects = [each for _, each in points]
    first, last = (to_iso_text(end)[:10] if effect.kind == "datetime" else end_of_range(end) for end in (low, high))
    label = (
        f"Effect of {effect.name} from {first} to {last}: "
        f"{shown(effect.curve[0][1])} at the least, {shown(effect.curve[-1][1])} at the largest value"
    )
    return curve(
        effect.curve, others, Labels(label, first, last, f"{shown(min(effects))} to {shown(max(effects))}"), bins
    )


def _calendar_name(level: str) -> str:
    """Return the name of a month or a weekday; hours and the empty cell have none.

    >>> _calendar_name("month 1"), _calendar_name("weekday 7"), _calendar_name("hour 3")
    ('January', 'Sunday', 'hour 3')
    """
    part, _, value = level.partition(" ")
    if part == "month":
        return calendar.month_name[int(value)]
    return calendar.day_name[int(value) - 1] if part == "weekday" else level


def _percent(effect: float) -> str:
    """Return an effect on the logarithm of the target as a change of the target in per cent."""
    return f"{signed(100 * expm1(min(effect, MAX_EXPONENT)))} %"
