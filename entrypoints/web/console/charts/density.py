"""Density: bars as high as the share of rows in a range for the width of the range."""

from collections.abc import Sequence

from markupsafe import Markup

Bins = Sequence[tuple[float, float, float]]
"""Ends of a range, and its share of the rows."""

# Share of the axis that a bar is drawn over, at least: a bin of one frequent value has no width of its own.
MIN_WIDTH = 0.01
BARS = Markup('<path class="fline" d="{path}"/>')


def density(bins: Bins, low: float, high: float, share: float) -> Markup:
    """Return the bars in a drawing of 1000 by 1000 for an axis from `low` to `high`.

    The highest one takes `share` of the height.

    Examples
    --------
    >>> print(density([(0.0, 1.0, 0.5), (1.0, 3.0, 0.5)], 0.0, 4.0, 1.0))
    <path class="fline" d="M0 1000v-1000h250v1000zM250 1000v-500h500v500z"/>
    """
    scale = (high - low) or 1.0
    within = [(max(start, low), min(end, high), rows) for start, end, rows in bins]
    heights = [rows / max(end - start, MIN_WIDTH * scale) for start, end, rows in within]
    most = max(heights, default=0.0) or 1.0
    drawn = zip(within, (1000 * share * each / most for each in heights), strict=True)
    return BARS.format(
        path="".join(
            f"M{1000 * (start - low) / scale:.0f} 1000v-{height:.0f}"
            f"h{1000 * max((end - start) / scale, MIN_WIDTH):.0f}v{height:.0f}z"
            for (start, end, _), height in drawn
        )
    )
