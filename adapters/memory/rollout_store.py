"""Rollouts in memory."""

from adapters.host.rollout_texts import RolloutTexts
from adapters.memory.model_store import InMemoryRegistryState
from domain.delivery.errors import NoRollout, RolloutConflict
from domain.delivery.rollout import MAX_TEXT_CHARACTERS, Rollout, RolloutRecord, RolloutRequest
from domain.delivery.rollout_text import request_to_text, to_text
from domain.model.errors import ModelNotFound
from domain.ports import RolloutStore


class InMemoryRolloutStore(RolloutStore):
    """Keeps the texts in `state`, which it shares with a model store."""

    def __init__(self, state: InMemoryRegistryState) -> None:
        self._shared = state
        self._texts = RolloutTexts()

    @property
    def _state(self) -> InMemoryRegistryState:
        return self._shared.reached()

    def read(self) -> RolloutRecord | None:
        """Return what is kept with the champion."""
        champion = self._state.history.champion
        return self._record(champion) if champion else None

    def write(self, rollout: Rollout, *, replacing: int) -> None:
        """Compare and set, under the lock."""
        version = rollout.version_with_state
        if version not in self._state.versions:
            raise ModelNotFound(version, tuple(self._state.versions))
        with self._state.lock:
            before = self._record(version)
            found = before.rollout.generation if before else 0
            if found != replacing:
                raise RolloutConflict(replacing, found)
            self._state.rollouts[version] = to_text(rollout)

    def remove(self, rollout: Rollout) -> None:
        """Remove both texts."""
        version = rollout.version_with_state
        with self._state.lock:
            found = self._record(version)
            if found and found.rollout.id == rollout.id:
                del self._state.rollouts[version]
                self._state.rollout_requests.pop(version, None)

    def request(self, request: RolloutRequest) -> None:
        """Replace the text."""
        with self._state.lock:
            found = self.read()
            if found is None or found.rollout.id != request.rollout:
                raise NoRollout
            self._state.rollout_requests[found.rollout.version_with_state] = request_to_text(request)

    def reject(self, version: str, why: str) -> None:
        """Keep the reason of a version that exists."""
        if version in self._state.versions:
            self._state.rejections[version] = why[:MAX_TEXT_CHARACTERS]

    def rejection(self, version: str) -> str:
        """Return the reason."""
        return self._state.rejections.get(version, "")

    def _record(self, version: str) -> RolloutRecord | None:
        return self._texts.record(version, self._state.rollouts.get(version), self._state.rollout_requests.get(version))
