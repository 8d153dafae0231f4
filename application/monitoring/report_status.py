"""ReportStatus: reports what a server does now, and whether an operator is needed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.delivery.errors import NoModelLoaded
from domain.delivery.rollout import Rollout
from domain.delivery.routing import BUCKETS
from domain.delivery.served_model import ServedModels
from domain.delivery.sync_report import RegistryStatus
from domain.model.model_version import ModelVersion
from domain.monitoring.change import Change
from domain.monitoring.condition import Condition
from domain.monitoring.facts import NONE_DRIFTED, RECENT_MINUTES, Drifted, Facts, Replica
from domain.monitoring.fleet import Fleet
from domain.monitoring.rules import judge
from domain.monitoring.traffic import Traffic
from domain.monitoring.traffic_series import TrafficSeries
from domain.monitoring.truth import ErrorCheck, check_version
from domain.ports import MINUTES, TEN_SECONDS, TrafficLog

SHOWN_CHANGES = 10
# The recent traffic is that of ten-second periods, so that it is ten seconds old at most.
PERIODS_OF_MINUTE = MINUTES.seconds // TEN_SECONDS.seconds


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """A version that answers requests now.

    Parameters
    ----------
    version : ModelVersion
    role : str
        champion, challenger, or baseline: the former champion in the watch after a promotion.
    share : float
        Of the requests that it answers.
    recent : Traffic
        Of the last `RECENT_MINUTES`.
    """

    version: ModelVersion
    role: str
    share: float
    recent: Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """State of a server at one moment.

    Parameters
    ----------
    condition : Condition
    facts : Facts
        What the condition was judged by.
    since : datetime
        From which on requests are counted, in UTC.
    minutes : int
        Of the recent traffic, fewer after the start; the last one may be incomplete.
    per_second : float
        Requests a second, in the last minute of complete ten-second periods.
    fleet : Fleet
        All hosts of the service, as far as they are known.
    versions : tuple of ServedVersion
        The champion first.
    rollout : Rollout or None
    changes : tuple of Change
        The last `SHOWN_CHANGES`, newest first.
    """

    condition: Condition
    facts: Facts
    since: datetime
    minutes: int
    per_second: float
    fleet: Fleet
    versions: tuple[ServedVersion, ...] = ()
    rollout: Rollout | None = None
    changes: tuple[Change, ...] = ()

    @property
    def at(self) -> datetime:
        """The moment, in UTC."""
        return self.facts.at

    @property
    def recent(self) -> Traffic:
        """Traffic of the last minutes, of all versions and of requests that no model answered."""
        return self.facts.recent


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """Judge the condition of this host.

    Parameters
    ----------
    current_models : callable
        Returns the served models, or raises `NoModelLoaded`.
    registry_status : callable or None
        Returns the state of the registry; None if the models are in files of this host.
    traffic : TrafficLog
    list_changes : callable
        Returns the last changes, newest first.
    replicas : callable
        Returns the other hosts, as far as they are known.
    unix_time, monotonic : callable
    started_at : float
        Unix time of the server's start.
    host : str
    others : TrafficLog
        Of the other hosts.
    drifted : callable
        Returns the columns whose rows have drifted.
    """

    current_models: Callable[[], ServedModels]
    registry_status: Callable[[], RegistryStatus] | None
    traffic: TrafficLog
    list_changes: Callable[[], tuple[Change, ...]]
    replicas: Callable[[], tuple[Replica, ...]]
    unix_time: Callable[[], float]
    monotonic: Callable[[], float]
    started_at: float
    host: str
    others: TrafficLog
    drifted: Callable[[], Drifted] = lambda: NONE_DRIFTED

    def __call__(self) -> Status:
        """Return the status.

        Raises
        ------
        FiguresUnavailable
            If the traffic cannot be read now.
        """
        now, problem = self.unix_time(), ""
        try:
            models = self.current_models()
        except NoModelLoaded as error:
            models, problem = None, error.why
        latest = self._latest(self.traffic, now)
        recent = {name: series.total() for name, series in latest.items()}
        facts = Facts(
            at=datetime.fromtimestamp(now, UTC),
            started_at=datetime.fromtimestamp(self.started_at, UTC),
            host=self.host,
            models=models,
            problem=problem,
            recent=sum(recent.values(), Traffic()),
            was_asked=bool(latest or self.traffic.read(MINUTES, MINUTES.periods, now)),
            registry=self.registry_status() if self.registry_status else None,
            silent_seconds=self._silent_seconds(models),
            replicas=self.replicas(),
            drifted=self.drifted(),
            error=self._error(models),
        )
        since, per_second = self.traffic.since, _per_second(latest)
        return Status(
            condition=judge(facts),
            facts=facts,
            since=datetime.fromtimestamp(since, UTC),
            minutes=max(1, min(RECENT_MINUTES, math.ceil((now - since) / MINUTES.seconds))),
            per_second=per_second,
            fleet=self._fleet(facts, per_second, now),
            versions=_served_versions(models, recent) if models else (),
            rollout=models.exposure.rollout if models and models.exposure else None,
            changes=self.list_changes()[:SHOWN_CHANGES],
        )

    def _error(self, models: ServedModels | None) -> ErrorCheck | None:
        if models is None:
            return None
        version = models.champion.version
        return check_version(version, self.traffic.errors(version.name))

    def _latest(self, log: TrafficLog, now: float) -> Mapping[str, TrafficSeries]:
        return log.read(TEN_SECONDS, RECENT_MINUTES * PERIODS_OF_MINUTE, now)

    def _fleet(self, facts: Facts, per_second: float, now: float) -> Fleet:
        source = facts.champion.origin if facts.champion else ""
        own = Replica(self.host, facts.version, source, 0.0, per_second)
        others = self._latest(self.others, now) if facts.replicas else {}
        return Fleet(
            replicas=(own, *facts.replicas),
            recent=sum((each.total() for each in others.values()), facts.recent),
            per_second=per_second + _per_second(others),
        )

    def _silent_seconds(self, models: ServedModels | None) -> float:
        exposure = models.exposure if models else None
        return max(0.0, self.monotonic() - exposure.trusted_until) if exposure else 0.0


def _served_versions(models: ServedModels, recent: Mapping[str, Traffic]) -> tuple[ServedVersion, ...]:
    """Return the champion, and the model that a rollout compares with it."""
    champion, rollout = models.champion.version, models.rollout
    share = rollout.routing.weight / BUCKETS if rollout else 0.0
    versions = [ServedVersion(champion, "champion", 1.0 - share, recent.get(champion.name, Traffic()))]
    if rollout:
        compared = rollout.challenger.version
        role = "baseline" if rollout.rollout.is_after_promotion else "challenger"
        versions.append(ServedVersion(compared, role, share, recent.get(compared.name, Traffic())))
    return tuple(versions)


def _per_second(latest: Mapping[str, TrafficSeries]) -> float:
    return sum(each.last(PERIODS_OF_MINUTE).total().answered for each in latest.values()) / MINUTES.seconds
