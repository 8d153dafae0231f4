"""Ports of a serving host: the copy of the champion, and the status of the registry sync."""

from abc import abstractmethod
from typing import Protocol

from domain.delivery.sync_report import SyncReport
from domain.model.model_version import ModelVersion


class LastKnownGood(Protocol):
    """Copy of the champion that a serving host keeps, so that it can answer without the registry."""

    @abstractmethod
    def keep(self, champion: ModelVersion) -> None:
        """Replace the copy as a whole, or check that it could be replaced if `champion` is in it.

        Raises
        ------
        StoreUnavailable
            If it cannot be written; the old copy stays as it was.
        """

    @abstractmethod
    def champion(self) -> ModelVersion | None:
        """Return the copy, None if there is none yet, or raise `CorruptModel` if it cannot be trusted."""


class SyncStatusChannel(Protocol):
    """Memory to which the mirror of a host posts its reports, and from which the host's other processes read them."""

    @abstractmethod
    def publish(self, report: SyncReport) -> None:
        """Replace the report as a whole, or raise `StoreUnavailable` and leave the old one as it was."""

    @abstractmethod
    def read(self) -> SyncReport | None:
        """Return the report, None before the first one; never half of one."""
