"""Ports of a model registry: the store of versions, and the source of the champion."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.delivery.champion_ref import ChampionRef
from domain.model.model_version import ModelVersion
from domain.promotion.history import PromotionHistory


class ChampionSource(Protocol):
    """Registry, as a serving host reads it."""

    @abstractmethod
    def champion_ref(self) -> ChampionRef | None:
        """Return which version is in production, None if there is none.

        Raises `StoreUnavailable` (`InvalidRegistryResponse` for a malformed response, `RegistryThrottled` for one with
        Retry-After), or `CorruptModel` if the version is unusable.
        """

    @abstractmethod
    def version_ref(self, version: str) -> ChampionRef:
        """Return the reference of a version, or raise as `champion_ref` does; `StoreRefusal` if there is none."""

    @abstractmethod
    def fetch(self, ref: ChampionRef) -> ModelVersion:
        """Return the version, or raise as `champion_ref` does; `CorruptModel` if the digest differs."""


class VersionReader(Protocol):
    """Reads versions by their names."""

    @abstractmethod
    def load(self, version: str) -> ModelVersion:
        """Return what was saved as `version`, or raise `ModelNotFound` or `CorruptModel`."""


class ModelStore(VersionReader, Protocol):
    """Keeps trained models under names that are never reused, and which of them is in production.

    Any method may raise `StoreUnavailable`.
    """

    @abstractmethod
    def save(self, unnamed: ModelVersion) -> ModelVersion:
        """Keep a version under a new name and return it; after a failure, nothing is kept."""

    @abstractmethod
    def champion(self) -> ModelVersion | None:
        """Return the version in production, None if there is none, or raise `CorruptModel`."""

    @abstractmethod
    def versions(self) -> tuple[str, ...]:
        """Return the names of all versions, oldest first."""

    @abstractmethod
    def history(self) -> PromotionHistory:
        """Return every change of the champion."""

    @abstractmethod
    def promote(
        self, version: str, *, replacing: str | None, at: datetime, feature_change_approved: bool = False
    ) -> PromotionHistory:
        """Put `version` into production, and keep with it whether an operator approves a change of features.

        Raises `ModelNotFound`, or `PromotionConflict` if the champion is no longer the version `replacing`.
        """

    @abstractmethod
    def rollback(self, *, at: datetime, replacing: str | None = None) -> PromotionHistory:
        """Put the previous version into production again.

        Raises `NoPreviousVersion`, or `PromotionConflict` if the champion is another version than `replacing`.
        """
