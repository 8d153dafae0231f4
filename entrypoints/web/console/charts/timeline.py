"""Timeline: counts of consecutive periods on top of each other, with numbered marks of what changed."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from markupsafe import Markup

# The least top of the scale, and steps of a scale within a power of ten.
LEAST_TOP, STEPS = 4.0, (1.0, 2.0, 4.0, 5.0, 10.0)
# Share of the axis, on a telephone about the width of a mark.
MIN_DISTANCE = 0.06
CHART = Markup(
    '<svg class="chart" role="img" aria-label="{label}">'
    '<line class="grid" x1="0" x2="100%" y1="28" y2="28"/><line class="grid" x1="0" x2="100%" y1="116" y2="116"/>'
    '<line class="grid" x1="0" x2="100%" y1="204" y2="204"/>'
    '<svg x="0" y="28" width="100%" height="176" viewBox="0 0 {width} 1000" preserveAspectRatio="none">{areas}</svg>'
    '<text class="halo" x="2" y="42">{top}</text><text class="halo" x="2" y="130">{half}</text>{ticks}{marks}</svg>'
)
AREA = Markup('<path class="f{kind}" d="{path}Z"/>')
# The champion is light under a line, so that the versions differ in more than their colors.
CHAMPION = Markup('<path class="fa wash" d="{path}Z"/><path class="la" d="{line}"/>')
TICK = Markup('<text x="{x:.1f}%" y="224" text-anchor="{anchor}">{text}</text>')
MARK = Markup(
    '<line class="mark" x1="{x:.1f}%" x2="{x:.1f}%" y1="20" y2="204"/>'
    '<svg class="over" x="{center:.1f}%">'
    '<rect class="dot" x="-{half:g}" y="2.5" width="{width:g}" height="17" rx="8.5"/></svg>'
    '<text class="strong" x="{center:.1f}%" y="15" text-anchor="middle" font-size="11">{number}</text>'
)


class Layer(NamedTuple):
    """Counts of one version by period; `kind` is its color: a, b or soft."""

    kind: str
    counts: tuple[float, ...]


class Place(NamedTuple):
    """A text or a number, and its place on the axis, 0 to 1."""

    at: float
    text: str


# All visitors of a minute see the same charts.
@lru_cache(8)
def timeline(layers: tuple[Layer, ...], ticks: tuple[Place, ...], marks: tuple[Place, ...], label: str) -> Markup:
    """Return the chart of at least one layer of at least two periods.

    Examples
    --------
    >>> chart = timeline((Layer("a", (0, 2, 4)),), (Place(0.0, "02:00"),), (Place(0.5, "1"),), "requests <")
    >>> 'aria-label="requests &lt;"' in chart, 'd="M0 1000L1 500L2 0L2 1000L1 1000L0 1000Z"' in chart
    (True, True)
    """
    sums = list(
        accumulate(
            (layer.counts for layer in layers), lambda low, more: [a + b for a, b in zip(low, more, strict=True)]
        )
    )
    top = _round_up(max((max(counts) for counts in sums), default=0.0))
    floors = [[0.0] * len(layers[0].counts), *sums]
    areas = Markup().join(
        (CHAMPION if layer.kind == "a" else AREA).format(
            kind=layer.kind, path=_band(high, low, top), line=_line(high, top)
        )
        for layer, low, high in zip(layers, floors, sums, strict=False)
    )
    return CHART.format(
        label=label,
        width=len(layers[0].counts) - 1,
        areas=areas,
        top=f"{top:g}",
        half=f"{top / 2:g}",
        ticks=Markup().join(TICK.format(x=100 * each.at, anchor=_anchor(each.at), text=each.text) for each in ticks),
        marks=Markup().join(map(_mark, _merged(marks))),
    )


def _merged(marks: Sequence[Place]) -> Iterator[Place]:
    """Yield the marks from left to right; those too close to each other as one, with the first and last number.

    >>> [place.text for place in _merged([Place(0.52, "3"), Place(0.5, "2"), Place(0.1, "1")])]
    ['1', '2–3']
    """
    group: list[Place] = []
    for mark in (*sorted(marks, key=lambda each: (each.at, int(each.text))), None):
        if group and (mark is None or mark.at - group[0].at > MIN_DISTANCE):
            first, last = group[0], group[-1]
            yield Place(first.at, first.text if first is last else f"{first.text}–{last.text}")
            group = []
        group += [mark] if mark else []


def _mark(place: Place) -> Markup:
    # A wide mark stays within the chart.
    at = min(max(place.at, 0.02), 0.98) if len(place.text) > 2 else place.at  # noqa: PLR2004  # two digits fit a circle
    width = 17 + 7 * (len(place.text) - 1 if len(place.text) > 2 else 0)  # noqa: PLR2004  # two digits fit a circle
    return MARK.format(x=100 * place.at, center=100 * at, number=place.text, width=width, half=width / 2)


def _line(values: Sequence[float], top: float) -> str:
    return "M" + "L".join(_points(values, top))


def _band(high: Sequence[float], low: Sequence[float], top: float) -> str:
    return _line(high, top) + "L" + "L".join(reversed(_points(low, top)))


def _points(values: Sequence[float], top: float) -> list[str]:
    return [f"{place} {1000 - 1000 * value / top:.0f}" for place, value in enumerate(values)]


def _round_up(value: float) -> float:
    """Return the end of a scale that contains the value.

    >>> _round_up(0.0), _round_up(33.0), _round_up(1200.0)
    (4.0, 40.0, 2000.0)
    """
    power = 1.0
    while power * STEPS[-1] < value:
        power *= 10
    return max(LEAST_TOP, next(step * power for step in STEPS if step * power >= value))


def _anchor(at: float) -> str:
    return "start" if at <= 0 else "end" if at >= 1 else "middle"
