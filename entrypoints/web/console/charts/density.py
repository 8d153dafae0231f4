"""Density: bars as high as the share of rows in a range for the width of the range."""

from collections.abc import Sequence

from markupsafe import Markup

Bins = Sequence[tuple[float, float, float]]
"""Ends of a range, and its share of the rows."""

# Share of the axis that a bar is drawn over, at least: narrower ranges share a bar, because one of a single frequent
# value has no width of its own.
MIN_WIDTH = 0.02
BARS = Markup('<path class="fline" d="{path}"/>')


def density(bins: Bins, low: float, high: float, share: float) -> Markup:
    """Return the bars in a drawing of 1000 by 1000 for an axis from `low` to `high`.

    The highest one takes `share` of the height. A range may begin before the axis, or end behind it.

    Examples
    --------
    >>> print(density([(0.0, 1.0, 0.5), (1.0, 3.0, 0.5)], 0.0, 4.0, 1.0))
    <path class="fline" d="M0 1000v-1000h250v1000zM250 1000v-500h500v500z"/>
    """
    scale = (high - low) or 1.0
    least = MIN_WIDTH * scale
    bars = _joined(bins, least)
    heights = [rows / max(end - start, least) for start, end, rows in bars]
    most = max(heights, default=0.0) or 1.0
    return BARS.format(
        path="".join(
            _bar((max(min(start, high - least), low) - low) / scale, (end - low) / scale, share * height / most)
            for (start, end, _), height in zip(bars, heights, strict=True)
        )
    )


def _joined(bins: Bins, least: float) -> list[tuple[float, float, float]]:
    """Return the bins, neighbors narrower than `least` as one."""
    bars: list[tuple[float, float, float]] = []
    for start, end, rows in bins:
        if bars and end - start < least and start - bars[-1][0] < least:
            first, _, others = bars.pop()
            bars.append((first, end, others + rows))
        else:
            bars.append((start, end, rows))
    return bars


def _bar(start: float, end: float, height: float) -> str:
    width = max(min(end, 1.0) - start, MIN_WIDTH)
    return f"M{1000 * start:.0f} 1000v-{1000 * height:.0f}h{1000 * width:.0f}v{1000 * height:.0f}z"
