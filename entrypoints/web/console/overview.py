"""Overview: whether a person is needed, the traffic, what changed, and which version answers which requests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson
from markupsafe import Markup

from application.monitoring.report_status import ServedVersion, Status
from application.monitoring.show_figures import Figures
from domain.delivery.served_model import ModelOrigin
from domain.model.model_version import ModelVersion
from domain.monitoring.change import Change
from domain.monitoring.condition import Kind
from domain.monitoring.errors import FiguresUnavailable
from entrypoints.example_requests import examples
from entrypoints.web.console.charts.shares import shares
from entrypoints.web.console.charts.sparks import columns, line
from entrypoints.web.console.kept_view import KeptView
from entrypoints.web.console.numerals import duration, number, whole
from entrypoints.web.console.page import Page, Query
from entrypoints.web.console.row_fields import is_wide
from entrypoints.web.console.traffic_chart import MarkedChange, TrafficChart, counted, marked, traffic_chart

TITLES = {
    Kind.WELL: "Healthy",
    Kind.BUSY: "Healthy, rollout",
    Kind.LOOK: "Needs a look",
    Kind.BAD: "Requests fail",
    Kind.NEW: "Ready",
}
ORIGINS = {
    ModelOrigin.REGISTRY: "confirmed by the registry",
    ModelOrigin.CACHE: "last champion of this host, not confirmed lately",
    ModelOrigin.BUNDLED: "ships with the program",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: its name, its value with a unit, a line of words, and its hour."""

    name: str
    value: str
    unit: str
    note: str
    chart: Markup | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """View of the first page.

    Parameters
    ----------
    title : str
    problem : str
        Why there are no figures; empty if there are.
    status : Status or None
    tiles : tuple of Tile
        Empty before the first request.
    traffic : TrafficChart or None
    changes : tuple of MarkedChange
    split : Markup or None
        Who answers.
    source : str
        Origin of the champion in words.
    example : str
        Row of a request, within single quotes of a shell; empty without a model.
    is_wide : bool
        Whether the model has too many columns to show a whole row.
    """

    title: str
    problem: str = ""
    status: Status | None = None
    tiles: tuple[Tile, ...] = ()
    traffic: TrafficChart | None = None
    changes: tuple[MarkedChange, ...] = ()
    split: Markup | None = None
    source: str = ""
    example: str = ""
    is_wide: bool = False

    @property
    def at(self) -> datetime | None:
        """Time of the figures, in UTC."""
        return self.status.at if self.status else None


def overview_page(
    report_status: Callable[[], Status],
    show_figures: Callable[[], Figures],
    list_changes: Callable[[], tuple[Change, ...]],
) -> Page:
    """Return the page."""

    def make() -> Overview:
        try:
            return _overview(report_status(), counted(show_figures()), list_changes())
        except FiguresUnavailable as error:
            return Overview("No figures", str(error))

    kept = KeptView(make)

    def view(_: Query) -> Overview:
        return kept()

    return Page("", "Overview", "overview.html", view, json="../status")


def _overview(status: Status, figures: Figures, all_changes: tuple[Change, ...]) -> Overview:
    champion, challenger = (*status.versions, None, None)[:2]
    # The numbers are those of the page Monitoring, which shows all of them.
    changes = marked(all_changes, figures)[: len(status.changes)]
    others = figures.others if len(status.fleet.replicas) > 1 else None
    names = [each.version.name if each else "" for each in (champion, challenger)]
    origin = status.facts.champion.origin if status.facts.champion else None
    return Overview(
        title=TITLES[status.condition.kind],
        status=status,
        tiles=_tiles(status, figures, champion) if status.facts.was_asked else (),
        traffic=traffic_chart(figures, names[0], names[1], changes, others),
        changes=changes,
        split=shares(names[0], names[1] or None, round(100 * challenger.share, 2) if challenger else 0.0)
        if champion
        else None,
        source=ORIGINS[origin] if origin else "",
        example=_example(champion.version) if champion else "",
        is_wide=champion is not None and is_wide(champion.version.model.encoding),
    )


def _example(version: ModelVersion) -> str:
    encoding = version.model.encoding
    row = {} if is_wide(encoding) else examples(encoding, version.reference_predictions)[0]
    return orjson.dumps(row).decode().replace("'", "\\u0027")


def _tiles(status: Status, figures: Figures, champion: ServedVersion | None) -> tuple[Tile, ...]:
    fleet = status.fleet
    recent, is_alone = fleet.recent, len(fleet.replicas) == 1
    total, of_hosts = (figures.total, "") if is_alone else (figures.of_all_hosts, f", {fleet.reporting}")
    window = f"in {status.minutes} min"
    p99 = recent.quantile(0.99)
    rate, unit = (fleet.per_second, "a second") if fleet.per_second >= 1 else (60 * fleet.per_second, "a minute")
    tiles = [
        Tile(
            "Requests",
            number(rate, 2),
            unit,
            f"in the last minute{of_hosts}",
            line(tuple(total.column("answered").tolist())) if total else None,
        ),
        Tile(
            "Failed",
            f"{whole(recent.failed)} of {whole(recent.answered)}",
            window,
            f"{whole(recent.refused)} more refused",
            columns(tuple(total.column("failed").tolist()), "fbad", 4.0) if total else None,
        ),
        Tile(
            "Time to answer",
            f"{number(1000 * p99, 2)} ms" if p99 is not None else "–",
            "for 99 of 100" if p99 is not None else "fewer than 100 requests",
            window,
            columns(total.quantiles(0.99), "fa") if total else None,
        ),
    ]
    if champion:
        age = (status.at - champion.version.lineage.created_at).total_seconds()
        tiles.append(Tile("Model", duration(age), "since it was trained", f"version {champion.version.name}"))
    return tuple(tiles)
