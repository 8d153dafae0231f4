"""Monitoring page: traffic, failures and times of an hour or a day, and how far the rows differ from training."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from application.monitoring.show_figures import GROUPED, Figures
from application.serving.current_model import CurrentModel
from domain.monitoring.change import Change
from domain.monitoring.drift_report import DriftReport
from domain.monitoring.errors import FiguresUnavailable
from domain.monitoring.traffic import Traffic
from entrypoints.web.console.charts.sparks import columns
from entrypoints.web.console.drift_rows import NO_DRIFT, Drift, drift_of
from entrypoints.web.console.numerals import number, whole
from entrypoints.web.console.page import Page, Query
from entrypoints.web.console.traffic_chart import MarkedChange, TrafficChart, counted, marked, traffic_chart

HOUR, DAY = GROUPED


@dataclass(frozen=True, slots=True)
class Strip:
    """A figure by period, below the chart of the requests."""

    name: str
    largest: str
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
    if total is None:
        return
    for name, column, color in (("Failed", "failed", "fbad"), ("Refused", "refused", "fwarn"), ("Rows", "rows", "fa")):
        counts = tuple(total.column(column).tolist())
        yield Strip(name, f"at most {whole(int(max(counts)))}", columns(counts, color, 4.0))
    for name, share in (("Median time", 0.5), ("99 of 100 within", 0.99)):
        seconds = total.quantiles(share)
        measured = [each for each in seconds if each is not None]
        most = f"at most {_time(max(measured))}" if measured else "fewer than 100 requests in each part"
        yield Strip(name, most, columns(seconds, "fa"))


def _row(name: str, traffic: Traffic) -> VersionRow:
    counts = (whole(getattr(traffic, each)) for each in ("answered", "failed", "refused", "rows"))
    return VersionRow(name, *counts, *(_time(traffic.quantile(share)) for share in (0.5, 0.99)))


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else f"{number(1000 * seconds, 2)} ms"
