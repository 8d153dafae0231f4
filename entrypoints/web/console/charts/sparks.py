"""Sparks: the shape of an hour or a day below a figure, without an axis.

The last ones are kept, because all visitors of a minute see the same.
"""

from functools import lru_cache

from markupsafe import Markup

KEPT = 32
LINE = Markup(
    '<svg class="spark" viewBox="0 0 {width} 1000" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="fa wash" d="M0 1000L{path}L{width} 1000Z"/><path class="la" d="M{path}"/></svg>'
)
COLUMNS = Markup(
    '<svg class="spark" viewBox="0 0 {width} 1000" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="fline" y="960" width="{width}" height="40"/><path class="{kind}" d="{path}"/>{level}</svg>'
)
LEVEL = Markup('<path class="lsoft" d="M0 {y:.0f}H{width}"/>')


@lru_cache(KEPT)
def line(values: tuple[float, ...]) -> Markup:
    """Return at least two values as a line above zero."""
    top = 1.05 * (max(values) or 1.0)
    path = "L".join(f"{place} {1000 - 1000 * value / top:.0f}" for place, value in enumerate(values))
    return LINE.format(width=len(values) - 1, path=path)


@lru_cache(KEPT)
def columns(values: tuple[float | None, ...], kind: str, least_top: float = 0.0, level: float | None = None) -> Markup:
    """Return values as columns in the color of `kind`, and a line at `level`; None and zero have no column.

    Examples
    --------
    >>> 'd="M1.1 1000V0h.8V1000z"' in columns((None, 2.0, 0.0), "fbad")
    True
    >>> 'd="M0 600H3"' in columns((None, 2.5, 0.0), "fa", level=1.0)
    True
    """
    top = max((value for value in values if value), default=0.0)
    top = max(top, least_top, 1.5 * (level or 0.0)) or 1.0
    # One path for all columns, because each element of its own takes some microseconds here and in the browser.
    path = "".join(
        f"M{place + 0.1:g} 1000V{1000 - 1000 * value / top:.0f}h.8V1000z" for place, value in enumerate(values) if value
    )
    line_at = "" if level is None else LEVEL.format(y=1000 - 1000 * level / top, width=len(values))
    return COLUMNS.format(width=len(values), kind=kind, path=path, level=line_at)
