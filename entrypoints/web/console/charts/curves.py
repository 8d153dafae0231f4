"""Curves: the effect of a number over its training range, of one version or of two."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from entrypoints.web.console.charts.density import Bins, density

Points = Sequence[tuple[float, float]]

# The inner drawing is stretched to the width of the page; words are outside of it, and keep their size.
SIZE = 1000.0
CHART = Markup(
    '<svg class="curve" role="img" aria-label="{label}">'
    '<svg x="0" y="18" width="100%" height="84" viewBox="0 0 1000 1000" preserveAspectRatio="none">'
    '{density}<path class="lsoft" stroke-dasharray="none" d="M0 {zero}H1000"/>{lines}</svg>'
    '<text x="0" y="12">{most}</text><text x="0" y="118">{low}</text>'
    '<text x="100%" y="118" text-anchor="end">{high}</text></svg>'
)
LINE = Markup('<path class="{kind}" d="{path}"/>')


class Labels(NamedTuple):
    """Words of a chart: what it shows, its ends, and its largest effect."""

    label: str
    low: str
    high: str
    most: str


def curve(points: Points, others: Points, labels: Labels, bins: Bins = ()) -> Markup:
    """Return the chart of the effects of one version, and of `others` if there are any.

    `bins` are parts of the range and their shares of the training rows, which stand behind the curves.

    Examples
    --------
    >>> chart = curve([(0.0, -1.0), (4.0, 3.0)], (), Labels("size <b>", "0", "4", "+3"))
    >>> 'aria-label="size &lt;b&gt;"' in chart, 'd="M0 1000L1000 0"' in chart, 'd="M0 750H1000"' in chart
    (True, True, True)
    """
    places = [place for place, _ in (*points, *others)]
    effects = [0.0, *(effect for _, effect in (*points, *others))]
    left, width = min(places), (max(places) - min(places)) or 1.0
    top, height = max(effects), (max(effects) - min(effects)) or 1.0

    def path(drawn: Points) -> str:
        pairs = (f"{SIZE * (x - left) / width:.0f} {SIZE * (top - y) / height:.0f}" for x, y in drawn)
        return "M" + "L".join(pairs)

    lines = Markup().join(
        LINE.format(kind=kind, path=path(drawn)) for kind, drawn in (("la", points), ("lb", others)) if drawn
    )
    zero = f"{SIZE * top / height:.0f}"
    return CHART.format(**labels._asdict(), density=density(bins, left, left + width, 0.6), zero=zero, lines=lines)
