"""ResolveLocalChampion: finds the champion in a store on this host, which is its own registry."""

from dataclasses import dataclass

from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.ports import ModelStore


@dataclass(frozen=True, slots=True)
class ResolveLocalChampion:
    """Read the champion; while it is corrupt, the previous version replaces it, unconfirmed."""

    store: ModelStore

    def __call__(self) -> ServedModel | None:
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
            return ServedModel(self._previous(broken), ModelOrigin.CACHE)
        return ServedModel(champion, ModelOrigin.REGISTRY) if champion else None

    def _previous(self, broken: CorruptModel) -> ModelVersion:
        previous = self.store.history().previous
        if previous is None:
            raise broken
        try:
            return self.store.load(previous)
        except (CorruptModel, ModelNotFound):
            raise broken from None
