"""ResolveLocalChampion: finds the champion in a store on this host, which is its own registry, and its rollout."""

from collections.abc import Callable
from dataclasses import dataclass

from application.serving.served_models import served_models
from domain.delivery.followed_rollout import FollowedRollout
from domain.delivery.rollout import RolloutRecord
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.errors import BackendUnavailable
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.ports import ModelStore, RolloutStore


@dataclass(frozen=True, slots=True)
class ResolveLocalChampion:
    """Read the champion; while it is corrupt, the previous version replaces it, unconfirmed and without a rollout.

    Parameters
    ----------
    store : ModelStore
    rollouts : RolloutStore
    follow_rollout : callable
        Returns what this process applies after a read of `rollouts`, while it serves a champion.
    monotonic : callable
        The clock of an exposure.
    """

    store: ModelStore
    rollouts: RolloutStore
    follow_rollout: Callable[[RolloutRecord | None, ModelVersion | None], FollowedRollout]
    monotonic: Callable[[], float]

    def __call__(self) -> ServedModels | None:
        """Return the champion or, if it is corrupt, the previous version; None if there is no champion.

        Raises
        ------
        CorruptModel
            If both are corrupt.
        StoreUnavailable
            If the store cannot be read.
        """
        try:
            champion = self.store.champion()
        except CorruptModel as broken:
            return ServedModels(ServedModel(self._previous(broken), ModelOrigin.CACHE))
        if champion is None:
            return None
        try:
            followed = self.follow_rollout(self.rollouts.read(), champion)
        except BackendUnavailable as error:  # the challenger has no traffic until the state can be read
            followed = FollowedRollout(problem=str(error))
        return served_models(ServedModel(champion, ModelOrigin.REGISTRY), followed, self.monotonic())

    def _previous(self, broken: CorruptModel) -> ModelVersion:
        previous = self.store.history().previous
        if previous is None:
            raise broken
        try:
            return self.store.load(previous)
        except (CorruptModel, ModelNotFound):
            raise broken from None
