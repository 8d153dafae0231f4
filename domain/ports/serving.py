"""Ports of a serving host: the copies of versions, the status of the registry sync, and the used tokens."""

from abc import abstractmethod
from collections.abc import Collection, Iterable
from typing import Protocol

from domain.delivery.sync_report import SyncReport
from domain.model.model_version import ModelVersion
from domain.ports.registry import VersionReader


class LastKnownGood(Protocol):
    """Copy of the champion, from which a serving host starts while the registry does not respond."""

    @abstractmethod
    def keep(self, champion: ModelVersion) -> None:
        """Replace the copy as a whole, or check that the disk can be written if `champion` is in it.

        Raises
        ------
        StoreUnavailable
            If the disk cannot be written; the old copy stays as it was.
        """

    @abstractmethod
    def validate_writable(self) -> None:
        """Raise `StoreUnavailable` if no copy could be written now."""

    @abstractmethod
    def champion(self) -> ModelVersion | None:
        """Return the copy, None if there is none yet, or raise `CorruptModel`."""


class KeptVersions(VersionReader, Protocol):
    """Copies of the newest versions on a serving host, which workers compare with the champion."""

    @abstractmethod
    def keep(self, version: ModelVersion) -> None:
        """Keep a copy; raise `CorruptModel` if it is too large, or `StoreUnavailable` if it cannot be written."""

    @abstractmethod
    def retain(self, names: Collection[str]) -> None:
        """Remove the copies of all other versions, or raise `StoreUnavailable`."""


class SyncStatusChannel(Protocol):
    """Channel from the registry sync to the other processes of the host."""

    @abstractmethod
    def publish(self, report: SyncReport) -> None:
        """Replace the report as a whole, or raise `StoreUnavailable` and leave the old one as it was."""

    @abstractmethod
    def read(self) -> SyncReport | None:
        """Return the last report as a whole, None before the first one."""


class UsedTokens(Protocol):
    """Nonces of the feedback tokens whose label this host has counted."""

    @abstractmethod
    def add(self, nonces: Iterable[int]) -> list[bool]:
        """Keep the nonces, and return for each whether it is new; a nonce that was replaced by later ones is new."""
