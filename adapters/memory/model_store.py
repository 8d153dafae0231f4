"""Model store in memory."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Self

from adapters.host.rollout_texts import RolloutTexts
from domain.delivery.champion_ref import ChampionRef
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource, ModelStore
from domain.promotion.history import PromotionHistory


@dataclass(slots=True)
class InMemoryRegistryState:
    """Models, history, ledger and texts of rollouts that one or several stores in this process share.

    While `reachable` is false, every method raises `StoreUnavailable`; `damaged` versions are not loaded.
    """

    versions: dict[str, ModelVersion] = field(default_factory=dict)
    history: PromotionHistory = field(default_factory=PromotionHistory)
    lock: Lock = field(default_factory=Lock)
    reachable: bool = True
    damaged: set[str] = field(default_factory=set)
    ledger: list[str] = field(default_factory=list)
    rollouts: dict[str, str] = field(default_factory=dict)
    rollout_requests: dict[str, str] = field(default_factory=dict)
    rejections: dict[str, str] = field(default_factory=dict)

    def reached(self) -> Self:
        """Return this, or raise `StoreUnavailable`."""
        if not self.reachable:
            raise StoreUnavailable("the model store in memory", "it is out of reach")
        return self


class InMemoryModelStore(ModelStore, ChampionSource):
    """Keeps versions under numbers that count from 1.

    Parameters
    ----------
    state : InMemoryRegistryState, optional
        Shared with other stores, as two processes share a directory.
    """

    def __init__(self, state: InMemoryRegistryState | None = None) -> None:
        self._shared = state or InMemoryRegistryState()
        self._texts = RolloutTexts()

    @property
    def _state(self) -> InMemoryRegistryState:
        return self._shared.reached()

    def save(self, unnamed: ModelVersion) -> ModelVersion:
        """Keep the model under the next number."""
        with self._state.lock:
            version = replace(unnamed, name=str(len(self._state.versions) + 1))
            self._state.versions[version.name] = version
        return version

    def load(self, version: str) -> ModelVersion:
        """Return the version."""
        if version not in self._state.versions:
            raise ModelNotFound(version, self.versions())
        if version in self._state.damaged:
            raise CorruptModel(version, "it is damaged")
        return self._state.versions[version]

    def versions(self) -> tuple[str, ...]:
        """Return the names."""
        return tuple(self._state.versions)

    def champion(self) -> ModelVersion | None:
        """Return the version in production."""
        name = self._state.history.champion
        return self.load(name) if name else None

    def champion_ref(self) -> ChampionRef | None:
        """Return the version in production by name and digest, with its rollout."""
        name = self._state.history.champion
        return self.version_ref(name) if name else None

    def version_ref(self, version: str) -> ChampionRef:
        """Return the version by name and digest, with the rollout that is kept with it."""
        model, state = self.load(version).model, self._state
        rollout = self._texts.record(version, state.rollouts.get(version), state.rollout_requests.get(version))
        return ChampionRef(version, model.digest, state.history.feature_change_approved, rollout)

    def fetch(self, ref: ChampionRef) -> ModelVersion:
        """Return the version."""
        return self.load(ref.version)

    def history(self) -> PromotionHistory:
        """Return the promotions."""
        return self._state.history

    def promote(
        self, version: str, *, replacing: str | None, at: datetime, feature_change_approved: bool = False
    ) -> PromotionHistory:
        """Put `version` into production."""
        if version not in self.versions():
            raise ModelNotFound(version, self.versions())
        with self._state.lock:
            self._state.history = self._state.history.promote(
                version, replacing=replacing, at=at, feature_change_approved=feature_change_approved
            )
            return self._state.history

    def rollback(self, *, at: datetime, replacing: str | None = None) -> PromotionHistory:
        """Put the previous version into production again."""
        with self._state.lock:
            self._state.history = self._state.history.roll_back(at=at, replacing=replacing)
            return self._state.history
