"""Density: bars as high as the share of rows in a range for the width of the range."""

from collections.abc import Sequence

from markupsafe import Markup

Bins = Sequence[tuple[float, float, float]]
"""Ends of a range, and its share of the rows."""

# Share of the axis that a bar is drawn over, at least: a bin of one frequent value has no width of its own.
MIN_WIDTH = 0.01
BAR = Markup('<rect class="fline" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}"/>')


def density(bins: Bins, low: float, high: float, share: float) -> Markup:
    """Return the bars in a drawing of 1000 by 1000 for an axis from `low` to `high`.

    The highest one takes `share` of the height.

    Examples
    --------
    >>> print(density([(0.0, 1.0, 0.5), (1.0, 3.0, 0.5)], 0.0, 4.0, 1.0))  # doctest: +NORMALIZE_WHITESPACE
    <rect class="fline" x="0" y="0" width="250" height="1000"/><rect class="fline" x="250" y="500" width="500"
    height="500"/>
    """
    scale = (high - low) or 1.0
    within = [(max(start, low), min(end, high), rows) for start, end, rows in bins]
    heights = [rows / max(end - start, MIN_WIDTH * scale) for start, end, rows in within]
    most = max(heights, default=0.0) or 1.0
    return Markup().join(
        BAR.format(
            x=1000 * (start - low) / scale,
            width=1000 * max((end - start) / scale, MIN_WIDTH),
            y=1000 - 1000 * share * height / most,
            height=1000 * share * height / most,
        )
        for (start, end, _), height in zip(within, heights, strict=True)
    )
