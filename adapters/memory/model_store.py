"""A model store that is gone when the process is."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from domain.delivery.champion_ref import ChampionRef
from domain.model.errors import ModelNotFound
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource, ModelStore
from domain.promotion.history import PromotionHistory


@dataclass(slots=True)
class InMemoryRegistryState:
    """What one or several stores in this process keep their models on."""

    versions: dict[str, ModelVersion] = field(default_factory=dict)
    history: PromotionHistory = field(default_factory=PromotionHistory)
    lock: Lock = field(default_factory=Lock)


class InMemoryModelStore(ModelStore, ChampionSource):
    """Keeps versions under numbers that count from 1.

    Parameters
    ----------
    shelf : InMemoryRegistryState, optional
        Shared with other stores, as two processes share a directory.
    """

    def __init__(self, shelf: InMemoryRegistryState | None = None) -> None:
        self._shelf = shelf or InMemoryRegistryState()

    def save(self, unnamed: ModelVersion) -> ModelVersion:
        """Keep the model under the next number."""
        with self._shelf.lock:
            version = replace(unnamed, name=str(len(self._shelf.versions) + 1))
            self._shelf.versions[version.name] = version
        return version

    def load(self, version: str) -> ModelVersion:
        """Return the version."""
        if version not in self._shelf.versions:
            raise ModelNotFound(version, self.versions())
        return self._shelf.versions[version]

    def versions(self) -> tuple[str, ...]:
        """Return the names."""
        return tuple(self._shelf.versions)

    def champion(self) -> ModelVersion | None:
        """Return the version in production."""
        name = self._shelf.history.champion
        return self.load(name) if name else None

    def champion_ref(self) -> ChampionRef | None:
        """Return the version in production by name and digest."""
        champion, said = self.champion(), self._shelf.history.feature_change_approved
        return ChampionRef(champion.name, champion.model.digest, said) if champion else None

    def fetch(self, ref: ChampionRef) -> ModelVersion:
        """Return the version."""
        return self.load(ref.version)

    def history(self) -> PromotionHistory:
        """Return the promotions."""
        return self._shelf.history

    def promote(
        self, version: str, *, replacing: str | None, at: datetime, feature_change_approved: bool = False
    ) -> PromotionHistory:
        """Put `version` into production."""
        self.load(version)
        with self._shelf.lock:
            self._shelf.history = self._shelf.history.promote(
                version, replacing=replacing, at=at, feature_change_approved=feature_change_approved
            )
            return self._shelf.history

    def rollback(self, *, at: datetime) -> PromotionHistory:
        """Put the previous version into production again."""
        with self._shelf.lock:
            self._shelf.history = self._shelf.history.roll_back(at=at)
            return self._shelf.history
