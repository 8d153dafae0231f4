"""Bullets: what the evidence has not excluded, against the limit below which it must end."""

from markupsafe import Markup

BULLET = Markup(
    '<svg class="bullet" aria-hidden="true"><rect class="fline" y="15" width="100%" height="12" rx="3"/>'
    '<rect class="beyond" x="50%" width="50%" y="15" height="12"/>'
    '<rect class="{kind}" width="{width}%" y="15" height="12" rx="3"/>'
    '<rect class="limit" x="50%" width="2" y="5" height="25"/>'
    '<text x="50%" dx="7" y="10">limit {limit}</text><text x="0" y="43">{words}</text></svg>'
)


def bullet(excluded: float | None, limit: float, words: str) -> Markup:
    """Return the bar from no harm to the harm that is excluded; the limit is in the middle.

    Parameters
    ----------
    excluded : float or None
        None if nothing is excluded yet.
    limit : float
    words : str
        What the bar shows.

    Examples
    --------
    >>> print(bullet(0.01, 0.05, "more than 1 % is excluded"))  # doctest: +ELLIPSIS
    <svg class="bullet" ...><rect class="fgood" width="10.0%" .../>...limit 5 %</text>...
    """
    share = 1.0 if excluded is None else min(excluded / (2 * limit), 1.0)
    kind = "fgood" if excluded is not None and excluded <= limit else "wait"
    return BULLET.format(kind=kind, width=f"{100 * share:.1f}", limit=f"{100 * limit:.3g} %", words=words)
