"""Shares: which version answers which part of the requests, as one bar."""

from markupsafe import Markup

SHARES = Markup(
    '<svg class="split" role="img" aria-label="{label}">'
    '<rect class="fa" x="0" width="{first}%" height="30"/><rect class="fb" x="{first}%" width="{second}%" height="30"/>'
    '<text x="12" y="20">{first} %</text></svg>'
)


def shares(first: str, second: str | None, weight: float) -> Markup:
    """Return the bar of two versions, the second of which answers `weight` per cent of the requests.

    Examples
    --------
    >>> print(shares("7", None, 0.0))  # doctest: +ELLIPSIS
    <svg class="split" role="img" aria-label="version 7 answers 100 % of the requests">...100 %</text></svg>
    """
    label = f"version {first} answers {100 - weight:g} % of the requests"
    if second is not None:
        label += f", version {second} answers {weight:g} %"
    return SHARES.format(label=label, first=f"{100 - weight:g}", second=f"{weight:g}")
