"""ShowFigures: shows traffic, errors of labels and drift of this host, for charts of an hour or a day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.delivery.errors import NoModelLoaded
from domain.model.model_version import ModelVersion
from domain.monitoring.drift_series import DriftSeries
from domain.monitoring.traffic import Traffic
from domain.monitoring.traffic_series import TrafficSeries
from domain.ports import MINUTES, DriftHistory, TrafficLog

# Minutes of a chart, and those of each of its periods.
GROUPED = {60: 1, 1_440: 15}


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of consecutive periods, none of which is incomplete.

    Parameters
    ----------
    at : datetime
        Now, in UTC.
    since : datetime
        From which on requests are counted, in UTC.
    first : datetime
        Start of the first period, in UTC.
    period_seconds : int
    versions : mapping of str to TrafficSeries
        By name, each with the same number of periods; an empty name has the requests that no model answered.
    drift : DriftSeries
    others : TrafficSeries or None
        Of the other hosts of the service, None without any request to them.
    held_out_mae : float or None
        Mean absolute error of the champion on its held-out rows, None without a model.
    host : str
    """

    at: datetime
    since: datetime
    first: datetime
    period_seconds: int
    versions: Mapping[str, TrafficSeries]
    drift: DriftSeries
    others: TrafficSeries | None
    held_out_mae: float | None
    host: str

    @property
    def total(self) -> TrafficSeries | None:
        """Traffic of all versions together, None without any."""
        return _sum(*self.versions.values())

    @property
    def of_all_hosts(self) -> TrafficSeries | None:
        """Traffic of all hosts together, None without any."""
        return _sum(*self.versions.values(), *([self.others] if self.others else []))

    @property
    def sums(self) -> Mapping[str, Traffic]:
        """Traffic of each version in all periods."""
        return {name: series.total() for name, series in self.versions.items()}


@dataclass(frozen=True, slots=True)
class ShowFigures:
    """Read the traffic log and the history of the drift.

    Parameters
    ----------
    traffic : TrafficLog
    others : TrafficLog
        Of the other hosts.
    drift : DriftHistory
    champion : callable
        Returns the champion, or raises `NoModelLoaded`.
    unix_time : callable
        Returns Unix seconds.
    host : str
    """

    traffic: TrafficLog
    others: TrafficLog
    drift: DriftHistory
    champion: Callable[[], ModelVersion]
    unix_time: Callable[[], float]
    host: str

    def __call__(self, minutes: int = 60) -> Figures:
        """Return the figures of the last complete minutes, 60 or 1,440 of them.

        Raises
        ------
        FiguresUnavailable
            If they cannot be read now.
        """
        size, now = GROUPED[minutes], self.unix_time()
        end = now - now % MINUTES.seconds
        series = self.traffic.read(MINUTES, minutes, end)
        return Figures(
            at=datetime.fromtimestamp(now, UTC),
            since=datetime.fromtimestamp(self.traffic.since, UTC),
            first=datetime.fromtimestamp(end - minutes * MINUTES.seconds, UTC),
            period_seconds=size * MINUTES.seconds,
            versions={name: each.grouped(size) for name, each in series.items()},
            drift=self.drift.read(minutes, end).grouped(size),
            others=_sum(*(each.grouped(size) for each in self.others.read(MINUTES, minutes, end).values())),
            held_out_mae=self._held_out_mae(),
            host=self.host,
        )

    def _held_out_mae(self) -> float | None:
        try:
            return self.champion().lineage.scores.mae
        except NoModelLoaded:
            return None


def _sum(*series: TrafficSeries) -> TrafficSeries | None:
    return sum(series[1:], series[0]) if series else None
