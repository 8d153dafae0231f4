"""Ranges: predictions with their intervals on one axis."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from entrypoints.web.console.charts.density import Bins, density

CHART = Markup(
    '<svg class="range" role="img" aria-label="{label}">'
    '<svg x="0" y="0" width="100%" height="48" viewBox="0 0 1000 1000" preserveAspectRatio="none">{density}</svg>'
    '<line class="grid" x1="0" x2="100%" y1="48" y2="48"/>{marks}'
    '<text x="0" y="96">{low}</text><text x="100%" y="96" text-anchor="end">{high}</text></svg>'
)
INTERVAL = Markup('<rect class="{kind} half" x="{x:.2f}%" width="{width:.2f}%" y="{y}" height="10" rx="3"/>')
POINT = Markup('<circle class="{kind}" cx="{x:.2f}%" cy="{y}" r="6"/>')


class Range(NamedTuple):
    """A prediction and the ends of its interval; both are the prediction where there is none."""

    low: float
    value: float
    high: float


def axis(drawn: Sequence[Range], bins: Bins) -> tuple[float, float]:
    """Return the ends of the axis that shows the ranges and the bins."""
    ends = [end for each in drawn for end in (each.low, each.high)]
    ends += [end for low, high, _ in bins for end in (low, high)]
    return min(ends), max(ends)


def ranges(drawn: Sequence[Range], bins: Bins, label: str, low: str, high: str) -> Markup:
    """Return the chart of the champion's range, and of the challenger's if there is one, below the density of `bins`.

    `low` and `high` are the ends of the axis in words.

    Examples
    --------
    >>> 'x="0.00%" width="100.00%"' in ranges([Range(1.0, 2.0, 5.0)], [], "a range", "1", "5")
    True
    """
    least, most = axis(drawn, bins)
    scale = (most - least) or 1.0
    marks = Markup().join(
        INTERVAL.format(kind=kind, x=100 * (each.low - least) / scale, width=100 * (each.high - each.low) / scale, y=y)
        + POINT.format(kind=kind, x=100 * (each.value - least) / scale, y=y + 5)
        for each, kind, y in zip(drawn, ("fa", "fb"), (56, 68), strict=False)
    )
    return CHART.format(label=label, density=density(bins, least, most, 0.9), marks=marks, low=low, high=high)
