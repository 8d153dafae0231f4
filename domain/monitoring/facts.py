"""Facts: what the condition of a service is judged by, as one host sees it at one moment."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.delivery.served_model import ServedModel, ServedModels
from domain.delivery.sync_report import RegistryStatus
from domain.monitoring.traffic import Traffic
from domain.monitoring.truth import ErrorCheck

# Of the recent traffic.
RECENT_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Replica:
    """One host of the service.

    Parameters
    ----------
    name : str
    version : str
        Its champion, empty if it has none or is silent.
    source : str
        Origin of the champion.
    silent_seconds : float
        Since its last report.
    per_second : float
        Requests a second in the recent traffic.
    """

    name: str
    version: str = ""
    source: str = ""
    silent_seconds: float = 0.0
    per_second: float = 0.0


class Drifted(NamedTuple):
    """Columns of the champion whose rows have drifted on this host, and since when in UTC, None if that is unknown."""

    names: tuple[str, ...]
    since: datetime | None = None


NONE_DRIFTED = Drifted(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts of one host.

    Parameters
    ----------
    at : datetime
        Now, in UTC.
    started_at : datetime
        Start of the server, in UTC.
    host : str
        Name of the host.
    models : ServedModels or None
        None without a model; `problem` is why.
    recent : Traffic
        Of the last `RECENT_MINUTES`.
    was_asked : bool
        Whether any prediction request has come in the kept time.
    registry : RegistryStatus or None
        None if the models are in files of this host.
    silent_seconds : float
        Since the controller of the rollout was last trusted; 0 while it is, and without a rollout.
    replicas : tuple of Replica
        Other hosts of the service, as far as they are known.
    drifted : Drifted
    error : ErrorCheck or None
        Of the champion's labels; None without a model, or for a version that keeps no calibration.
    """

    at: datetime
    started_at: datetime
    host: str
    models: ServedModels | None = None
    problem: str = ""
    recent: Traffic = field(default_factory=Traffic)
    was_asked: bool = False
    registry: RegistryStatus | None = None
    silent_seconds: float = 0.0
    replicas: tuple[Replica, ...] = ()
    drifted: Drifted = NONE_DRIFTED
    error: ErrorCheck | None = None

    @property
    def champion(self) -> ServedModel | None:
        """The champion of this host, None without a model."""
        return self.models.champion if self.models else None

    @property
    def version(self) -> str:
        """Name of the champion, empty without one."""
        return self.champion.version.name if self.champion else ""

    @property
    def running_seconds(self) -> float:
        """Seconds since the start of the server."""
        return (self.at - self.started_at).total_seconds()
