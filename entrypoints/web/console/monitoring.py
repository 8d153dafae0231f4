"""Monitoring page: traffic, failures, times, drift and errors of labels of an hour or a day, on one axis of time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from application.monitoring.show_figures import GROUPED, Figures
from application.serving.current_model import CurrentModel
from domain.monitoring.change import Change
from domain.monitoring.column_drift import MIN_INDEX
from domain.monitoring.drift_report import DriftReport
from domain.monitoring.errors import FiguresUnavailable
from domain.monitoring.traffic import Traffic
from domain.monitoring.traffic_series import TrafficSeries
from domain.monitoring.wording import plural
from entrypoints.web.console.charts.sparks import columns
from entrypoints.web.console.drift_rows import NO_DRIFT, Drift, drift_of
from entrypoints.web.console.numerals import number, numbers_in, whole
from entrypoints.web.console.page import Page, Query
from entrypoints.web.console.traffic_chart import MarkedChange, TrafficChart, counted, marked, traffic_chart

HOUR, DAY = GROUPED
NO_LABELS = Markup(
    '<p class="small soft">A client that asks with <code>X-Feedback: 1</code> gets a token, and sends it back with the '
    'true value to <a href="../docs">POST /feedback</a>.</p>'
)
NO_ROWS = Markup('<p class="small soft">A sample of the answered rows is compared twice a minute.</p>')


@dataclass(frozen=True, slots=True)
class Strip:
    """A figure by period, below the chart of the requests: its name, the figure in words, and its chart."""

    name: str
    words: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class VersionRow:
    """Figures of one version in the whole time, in words."""

    name: str
    answered: str
    failed: str
    refused: str
    rows: str
    median: str
    p99: str
    labels: str
    mae: str


@dataclass(frozen=True, slots=True)
class MonitoringView:
    """View of the page.

    Parameters
    ----------
    title : str
    minutes : int
        60 or 1,440.
    problem : str
        Why there are no figures; empty if there are.
    figures : Figures or None
    traffic : TrafficChart or None
    changes : tuple of MarkedChange
        Those of the charted time.
    strips : tuple of Strip
    versions : tuple of VersionRow
    drift : Drift
    """

    title: str
    minutes: int
    problem: str = ""
    figures: Figures | None = None
    traffic: TrafficChart | None = None
    changes: tuple[MarkedChange, ...] = ()
    strips: tuple[Strip, ...] = ()
    versions: tuple[VersionRow, ...] = ()
    drift: Drift = NO_DRIFT


def monitoring_page(
    show_figures: Callable[[int], Figures],
    list_changes: Callable[[], tuple[Change, ...]],
    report_drift: Callable[[], DriftReport],
    current_model: CurrentModel,
) -> Page:
    """Return the page."""

    def view(query: Query) -> MonitoringView:
        minutes = DAY if query.get("minutes") == str(DAY) else HOUR
        title = "Last hour" if minutes == HOUR else "Last 24 hours"
        try:
            figures = counted(show_figures(minutes))
        except FiguresUnavailable as error:
            return MonitoringView(title, minutes, str(error))
        changes = marked(list_changes(), figures)
        return MonitoringView(
            title=title,
            minutes=minutes,
            figures=figures,
            traffic=traffic_chart(figures, *_names(current_model), changes=changes),
            changes=tuple(change for change in changes if change.mark),
            strips=tuple(_strips(figures)),
            versions=tuple(_row(name or "(no version)", traffic) for name, traffic in figures.sums.items()),
            drift=drift_of(report_drift),
        )

    return Page("monitoring", "Monitoring", "monitoring.html", view, json="../figures", every=10)


def _names(current_model: CurrentModel) -> tuple[str, str]:
    """Return the names of champion and challenger, empty without one."""
    if not current_model.is_loaded:
        return "", ""
    models = current_model.models
    return models.champion.version.name, models.rollout.challenger.version.name if models.rollout else ""


def _strips(figures: Figures) -> Iterator[Strip]:
    total = figures.total
    if total is not None:
        yield from _traffic_strips(total)
    yield _drift_strip(figures)
    yield _error_strip(total, figures.held_out_mae)


def _traffic_strips(total: TrafficSeries) -> Iterator[Strip]:
    for name, column, color in (("Failed", "failed", "fbad"), ("Refused", "refused", "fwarn"), ("Rows", "rows", "fa")):
        counts = tuple(total.column(column).tolist())
        yield Strip(name, f"at most {whole(int(max(counts)))}", columns(counts, color, 4.0))
    for name, share in (("Median time", 0.5), ("99 of 100 within", 0.99)):
        seconds = total.quantiles(share)
        measured = [each for each in seconds if each is not None]
        most = f"at most {_time(max(measured))}" if measured else "fewer than 100 requests in each part"
        yield Strip(name, most, columns(seconds, "fa"))


def _drift_strip(figures: Figures) -> Strip:
    excess, drifted = figures.drift.excess_psi, figures.drift.drifted
    measured = [each for each in excess if each is not None]
    if not measured:
        return Strip("Drift", "no rows were compared in this time", NO_ROWS)
    most = f"index at most {number(max(measured), 2)} above expectation, drift from {MIN_INDEX:g}"
    found = plural(int(max(each or 0 for each in drifted)), "column")
    return Strip("Drift", f"{most}; {found}", columns(excess, "fa", level=MIN_INDEX))


def _error_strip(total: TrafficSeries | None, held_out: float | None) -> Strip:
    name, of_all = "Error of labels", total.total() if total else Traffic()
    if total is None or of_all.mae is None:
        return Strip(name, "no label came in this time", NO_LABELS)
    beside = "" if held_out is None else f", {number(held_out, 3)} of held-out rows"
    words = f"mean {number(of_all.mae, 3)} of {numbers_in(plural(of_all.labels, 'label'))}{beside}"
    return Strip(name, words, columns(total.mae(), "fa", level=held_out))


def _row(name: str, traffic: Traffic) -> VersionRow:
    return VersionRow(
        name,
        answered=whole(traffic.answered),
        failed=whole(traffic.failed),
        refused=whole(traffic.refused),
        rows=whole(traffic.rows),
        median=_time(traffic.quantile(0.5)),
        p99=_time(traffic.quantile(0.99)),
        labels=whole(traffic.labels),
        mae="–" if traffic.mae is None else number(traffic.mae, 3),
    )


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else f"{number(1000 * seconds, 2)} ms"
