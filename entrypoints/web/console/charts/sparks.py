"""Sparks: the shape of an hour or a day below a figure, without an axis."""

from collections.abc import Sequence

from markupsafe import Markup

LINE = Markup(
    '<svg class="spark" viewBox="0 0 {width} 1000" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="fa wash" d="M0 1000L{path}L{width} 1000Z"/><path class="la" d="M{path}"/></svg>'
)
COLUMNS = Markup(
    '<svg class="spark" viewBox="0 0 {width} 1000" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="fline" y="960" width="{width}" height="40"/>{columns}</svg>'
)
COLUMN = Markup('<rect class="{kind}" x="{x:g}" width="0.8" y="{y:.0f}" height="{height:.0f}"/>')


def line(values: Sequence[float]) -> Markup:
    """Return at least two values as a line above zero."""
    top = 1.05 * (max(values) or 1.0)
    path = "L".join(f"{place} {1000 - 1000 * value / top:.0f}" for place, value in enumerate(values))
    return LINE.format(width=len(values) - 1, path=path)


def columns(values: Sequence[float | None], kind: str, least_top: float = 0.0) -> Markup:
    """Return values as columns in the color of `kind`; None and zero have none.

    Examples
    --------
    >>> columns([None, 2.0, 0.0], "fbad").count("<rect")
    2
    """
    top = max((value for value in values if value), default=0.0)
    top = max(top, least_top) or 1.0
    drawn = Markup().join(
        COLUMN.format(kind=kind, x=place + 0.1, y=1000 - 1000 * value / top, height=1000 * value / top)
        for place, value in enumerate(values)
        if value
    )
    return COLUMNS.format(width=len(values), columns=drawn)
