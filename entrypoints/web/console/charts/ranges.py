"""Ranges: predictions with their intervals on one axis."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

CHART = Markup(
    '<svg class="range" role="img" aria-label="{label}"><line class="grid" x1="0" x2="100%" y1="34" y2="34"/>{marks}'
    '<text x="0" y="54">{low}</text><text x="100%" y="54" text-anchor="end">{high}</text></svg>'
)
INTERVAL = Markup('<rect class="{kind} half" x="{x:.2f}%" width="{width:.2f}%" y="{y}" height="10" rx="3"/>')
POINT = Markup('<circle class="{kind}" cx="{x:.2f}%" cy="{y}" r="6"/>')


class Range(NamedTuple):
    """A prediction and the ends of its interval; both are the prediction where there is none."""

    low: float
    value: float
    high: float


def ranges(drawn: Sequence[Range], label: str, low: str, high: str) -> Markup:
    """Return the chart of the champion's range, and of the challenger's if there is one.

    `low` and `high` are the ends of the axis in words.

    Examples
    --------
    >>> 'x="0.00%" width="100.00%"' in ranges([Range(1.0, 2.0, 5.0)], "a range", "1", "5")
    True
    """
    least, most = min(each.low for each in drawn), max(each.high for each in drawn)
    scale = (most - least) or 1.0
    marks = Markup().join(
        INTERVAL.format(kind=kind, x=100 * (each.low - least) / scale, width=100 * (each.high - each.low) / scale, y=y)
        + POINT.format(kind=kind, x=100 * (each.value - least) / scale, y=y + 5)
        for each, kind, y in zip(drawn, ("fa", "fb"), (8, 20), strict=False)
    )
    return CHART.format(label=label, marks=marks, low=low, high=high)
