"""Bars: numbers of either sign beside each other, from a common zero; their direction is their sign."""

from markupsafe import Markup

BAR = Markup(
    '<svg class="bar" aria-hidden="true"><rect class="fa" x="{x:.1f}%" width="{width:.1f}%" height="12"/>'
    '<rect class="fsoft" x="{zero:.1f}%" width="1" height="12"/></svg>'
)
PART = Markup(
    '<svg class="bar" aria-hidden="true"><rect class="fline" width="100%" height="12"/>'
    '<rect class="fa" x="{x:.1f}%" width="{width:.1f}%" height="12"/></svg>'
)


def bar(value: float, low: float, high: float) -> Markup:
    """Return a bar from zero to `value`, on a scale from `low` to `high`, which contain zero.

    Examples
    --------
    >>> 'class="fa" x="0.0%" width="25.0%"' in bar(-1.0, -1.0, 3.0)
    True
    """
    zero = _place(low, 0.0, low, high)["width"]
    return BAR.format(**_place(0.0, value, low, high), zero=zero)


def part(start: float, end: float, low: float, high: float) -> Markup:
    """Return a bar from `start` to `end` on a visible scale from `low` to `high`: a step of a sum."""
    return PART.format(**_place(start, end, low, high))


def _place(start: float, end: float, low: float, high: float) -> dict[str, object]:
    """Return start and length in per cent of the scale."""
    scale = (high - low) or 1.0
    least, most = (min(max(each, low), high) for each in sorted((start, end)))
    return {"x": 100 * (least - low) / scale, "width": 100 * (most - least) / scale}
