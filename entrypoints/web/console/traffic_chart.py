"""Traffic chart: requests by version over an hour or a day, with the changes of that time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import numpy as np
from markupsafe import Markup

from application.monitoring.show_figures import Figures
from domain.monitoring.change import Change
from domain.monitoring.traffic_series import TrafficSeries
from entrypoints.web.console.charts.timeline import Layer, Place, timeline

# Parts of the axis with a time, and rows of the table of numbers.
TICKS, TABLE_ROWS = 4, 6
# Periods of a chart, at least.
MIN_PERIODS = 12


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of a part of the time: its begin in words, requests by layer, and failed requests."""

    begin: str
    by_layer: tuple[int, ...]
    failed: int


@dataclass(frozen=True, slots=True)
class MarkedChange:
    """A change, its time in words, and its number on the chart; 0 if it is before the time of the chart."""

    change: Change
    at: str
    mark: int = 0


@dataclass(frozen=True, slots=True)
class TrafficChart:
    """Chart of the requests, the names of its layers, and its numbers."""

    chart: Markup
    names: tuple[tuple[str, str], ...]
    table: tuple[Counted, ...]


def counted(figures: Figures) -> Figures:
    """Return the figures without the time before requests were counted, but for the least length of a chart."""
    before = (figures.since - figures.first) / timedelta(seconds=figures.period_seconds)
    length = len(figures.drift.values)
    skipped = min(int(before), length - MIN_PERIODS)
    if skipped <= 0:
        return figures
    first = figures.first + timedelta(seconds=skipped * figures.period_seconds)
    versions = {name: series.last(length - skipped) for name, series in figures.versions.items()}
    others = figures.others and figures.others.last(length - skipped)
    return replace(figures, first=first, versions=versions, drift=figures.drift.last(length - skipped), others=others)


def marked(changes: Sequence[Change], figures: Figures) -> tuple[MarkedChange, ...]:
    """Return the changes, newest first; those of the charted time are numbered from the oldest on."""
    charted = sum(figures.first <= change.at for change in changes)
    return tuple(
        MarkedChange(change, clock(change.at, figures.at), max(charted - place, 0))
        for place, change in enumerate(changes)
    )


def traffic_chart(
    figures: Figures,
    champion: str,
    challenger: str,
    changes: Sequence[MarkedChange],
    others: TrafficSeries | None = None,
) -> TrafficChart | None:
    """Return the chart, None without any request; `others` is the traffic of other hosts."""
    layers = _layers(figures, champion, challenger, others)
    if not layers:
        return None
    counts = tuple(Layer(kind, tuple(series.column("answered").tolist())) for kind, _, series in layers)
    total = int(sum(sum(layer.counts) for layer in counts))
    span = timedelta(seconds=figures.period_seconds * len(layers[0][2]))
    ticks = tuple(
        Place(place / TICKS, clock(figures.first + span * place / TICKS, figures.at)) for place in range(TICKS + 1)
    )
    # The last minute is not complete, and not charted yet.
    marks = tuple(
        Place(min((each.change.at - figures.first) / span, 1.0), str(each.mark)) for each in changes if each.mark
    )
    label = f"{total} requests from {ticks[0].text} to {ticks[-1].text} UTC, by version"
    names = tuple((kind, name) for kind, name, _ in layers)
    return TrafficChart(timeline(counts, ticks, marks, label), names, _table(figures, [each[2] for each in layers]))


def clock(moment: datetime, now: datetime) -> str:
    """Return the time of a moment within a day, else its date."""
    utc = moment.astimezone(UTC)
    return f"{utc:%H:%M}" if now - moment < timedelta(days=1) else f"{utc:%-d %b}"


def _layers(
    figures: Figures, champion: str, challenger: str, other_hosts: TrafficSeries | None
) -> list[tuple[str, str, TrafficSeries]]:
    """Return color, name and series of champion and challenger, and of all other requests."""
    series = {name: each for name, each in figures.versions.items() if each.column("answered").any()}
    named = (("a", champion, "champion"), ("b", challenger, "challenger"))
    first = [(kind, f"{name} {role}", series.pop(name)) for kind, name, role in named if name and name in series]
    # Refused requests, and those that came without a model, have no version.
    name = "others" if any(series) else "no version"
    others = [*series.values(), *([other_hosts] if other_hosts else [])]
    names = [*([name] if series else []), *(["other hosts"] if other_hosts else [])]
    return [*first, *([("soft", " and ".join(names), sum(others[1:], others[0]))] if others else [])]


def _table(figures: Figures, layers: Sequence[TrafficSeries]) -> tuple[Counted, ...]:
    """Return the counts of as many parts of the time, of about the same length."""
    answered = [np.array_split(series.column("answered"), TABLE_ROWS) for series in layers]
    failed = np.array_split(np.sum([series.column("failed") for series in layers], axis=0), TABLE_ROWS)
    starts = accumulate((len(part) for part in failed), initial=0)
    begins = (figures.first + timedelta(seconds=figures.period_seconds * start) for start in starts)
    return tuple(
        Counted(clock(begin, figures.at), tuple(int(parts[row].sum()) for parts in answered), int(part.sum()))
        for row, (begin, part) in enumerate(zip(begins, failed, strict=False))
    )
