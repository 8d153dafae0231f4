"""ShowFigures: shows the traffic of this host by version, for charts of an hour or a day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.monitoring.traffic import Traffic
from domain.monitoring.traffic_series import TrafficSeries
from domain.ports import MINUTES, TrafficLog

# Minutes of a chart, and those of each of its periods.
GROUPED = {60: 1, 1_440: 15}


@dataclass(frozen=True, slots=True)
class Figures:
    """Traffic in consecutive periods, none of which is incomplete.

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
    host : str
    """

    at: datetime
    since: datetime
    first: datetime
    period_seconds: int
    versions: Mapping[str, TrafficSeries]
    host: str

    @property
    def total(self) -> TrafficSeries | None:
        """Traffic of all versions together, None without any."""
        series = [*self.versions.values()]
        return sum(series[1:], series[0]) if series else None

    @property
    def sums(self) -> Mapping[str, Traffic]:
        """Traffic of each version in all periods."""
        return {name: series.total() for name, series in self.versions.items()}


@dataclass(frozen=True, slots=True)
class ShowFigures:
    """Read the traffic log.

    Parameters
    ----------
    traffic : TrafficLog
    unix_time : callable
        Returns Unix seconds.
    host : str
    """

    traffic: TrafficLog
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
        end = now - now % (size * MINUTES.seconds)
        series = self.traffic.read(MINUTES, minutes, end)
        return Figures(
            at=datetime.fromtimestamp(now, UTC),
            since=datetime.fromtimestamp(self.traffic.since, UTC),
            first=datetime.fromtimestamp(end - minutes * MINUTES.seconds, UTC),
            period_seconds=size * MINUTES.seconds,
            versions={name: each.grouped(size) for name, each in series.items()},
            host=self.host,
        )
