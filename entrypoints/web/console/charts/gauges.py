"""Gauges: how much of something is there, as a bar; the words are beside it."""

from markupsafe import Markup

GAUGE = Markup(
    '<svg aria-hidden="true"><rect class="fline" width="100%" height="8"/>'
    '<rect class="f{kind}" width="{share}%" height="8"/></svg>'
)


def gauge(share: float, kind: str = "soft") -> Markup:
    """Return the bar of a share from 0 to 1, in the color `kind`.

    >>> print(gauge(0.25, "good"))  # doctest: +ELLIPSIS
    <svg aria-hidden="true"><rect ...><rect class="fgood" width="25.0%" height="8"/></svg>
    """
    return GAUGE.format(kind=kind, share=f"{100 * min(max(share, 0.0), 1.0):.1f}")
