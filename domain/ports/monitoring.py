"""Ports of monitoring: the traffic of a host, its own changes, and the catalog of versions."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.monitoring.catalog import Catalog
from domain.monitoring.change import Change
from domain.monitoring.facts import Replica
from domain.monitoring.label_window import LabelWindow
from domain.monitoring.traffic import Traffic
from domain.monitoring.traffic_series import TrafficSeries

# Versions whose traffic is kept at once; the one that was used longest ago is replaced.
MAX_TRAFFIC_VERSIONS = 8
NO_VERSION = ""
"""Stands for requests that no model answered."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Length of a period in seconds, and the number of periods that are kept."""

    seconds: int
    periods: int


MINUTES, TEN_SECONDS = Resolution(60, 1_440), Resolution(10, 360)


class TrafficLog(Protocol):
    """Counts of the prediction requests of a host and of their labels, by version and period."""

    @property
    @abstractmethod
    def since(self) -> float:
        """Unix time from which on requests are counted, 0 before `begin`."""

    @abstractmethod
    def begin(self, at: float) -> None:
        """Count from the Unix time `at` on, unless counts of an earlier time are kept."""

    @abstractmethod
    def add(self, counts: Mapping[str, Traffic], at: float) -> None:
        """Add the counts of versions to the period of the Unix time `at`; one process alone may do this."""

    @abstractmethod
    def read(self, resolution: Resolution, periods: int, at: float) -> Mapping[str, TrafficSeries]:
        """Return the last complete periods before the Unix time `at`, by version; only those with any count.

        Raises
        ------
        FiguresUnavailable
            If the writer was stopped in the middle of a change.
        """

    @abstractmethod
    def errors(self, version: str) -> LabelWindow:
        """Return the sums over the last labels of a version, also beyond the kept periods.

        Raises
        ------
        FiguresUnavailable
            As `read` does.
        """


class HostChanges(Protocol):
    """Changes of one host: starts of its server, and whether the registry answers it."""

    @abstractmethod
    def add(self, change: Change) -> None:
        """Keep a change; raise `StoreUnavailable` if it cannot be kept."""

    @abstractmethod
    def read(self) -> tuple[Change, ...]:
        """Return the last changes, oldest first; none if they cannot be read."""


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """What one host of the service reports of itself, at one moment.

    Parameters
    ----------
    name : str
        Its address.
    problem : str
        Why it did not report; all other fields have their defaults then.
    started : float
        Unix time at which its server started, different for each host.
    version, source : str
        Its champion and the origin of it; empty without a model.
    host : str
        Name of the host, empty if an older release does not report it.
    traffic : Traffic
        Prediction requests since its start.
    """

    name: str
    problem: str = ""
    started: float = 0.0
    version: str = ""
    source: str = ""
    host: str = ""
    traffic: Traffic = field(default_factory=Traffic)


class ReplicaStates(Protocol):
    """Reads what the hosts of the service report of themselves."""

    @abstractmethod
    def read(self) -> tuple[ReplicaState, ...]:
        """Return a report for each host within some seconds; one that does not answer has a `problem`."""


class ReplicaBoard(Protocol):
    """What one process of a host has read of the other hosts, for all its processes."""

    @abstractmethod
    def put(self, replicas: Iterable[Replica]) -> None:
        """Replace the list; one process alone may do this."""

    @abstractmethod
    def read(self) -> tuple[Replica, ...]:
        """Return the list, silent for as long as it is old; none if it cannot be read."""


class VersionCatalog(Protocol):
    """Description of the versions of a store, without their weights."""

    @abstractmethod
    def read(self) -> Catalog | None:
        """Return the last description, None before the first one; raise `StoreUnavailable` if it cannot be read."""


class CatalogChannel(VersionCatalog, Protocol):
    """Channel of the catalog from the registry sync to the other processes of the host."""

    @abstractmethod
    def publish(self, catalog: Catalog) -> None:
        """Replace the catalog as a whole, or raise `StoreUnavailable` and leave the old one as it was."""
