"""A model store that is gone when the process is."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from domain.errors import ModelNotFound
from domain.history import History
from domain.model_version import ModelVersion
from domain.nomination import Nomination
from domain.ports import ChampionSource, ModelStore


@dataclass(slots=True)
class Shelf:
    """What one or several stores in this process keep their models on."""

    versions: dict[str, ModelVersion] = field(default_factory=dict)
    history: History = field(default_factory=History)
    lock: Lock = field(default_factory=Lock)


class MemoryModelStore(ModelStore, ChampionSource):
    """Keeps versions under numbers that count from 1.

    Parameters
    ----------
    shelf : Shelf, optional
        Shared with other stores, as two processes share a directory.
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf or Shelf()

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

    def nominated(self) -> Nomination | None:
        """Return the version in production by name and digest."""
        champion, said = self.champion(), self._shelf.history.features_may_change
        return Nomination(champion.name, champion.model.digest, said) if champion else None

    def fetch(self, nomination: Nomination) -> ModelVersion:
        """Return the version."""
        return self.load(nomination.version)

    def history(self) -> History:
        """Return the promotions."""
        return self._shelf.history

    def promote(
        self, version: str, *, replacing: str | None, at: datetime, features_may_change: bool = False
    ) -> History:
        """Put `version` into production."""
        self.load(version)
        with self._shelf.lock:
            self._shelf.history = self._shelf.history.promote(
                version, replacing=replacing, at=at, features_may_change=features_may_change
            )
            return self._shelf.history

    def rollback(self, *, at: datetime) -> History:
        """Put the previous version into production again."""
        with self._shelf.lock:
            self._shelf.history = self._shelf.history.roll_back(at=at)
            return self._shelf.history
