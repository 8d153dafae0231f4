"""The champion of a store on this host, which is its own registry."""

from dataclasses import dataclass

from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.ports import ModelStore


@dataclass(frozen=True, slots=True)
class ResolveLocalChampion:
    """Reads the champion; while that is broken, the version before it takes its place, as an unconfirmed one."""

    store: ModelStore

    def __call__(self) -> ServedModel | None:
        """Return the champion, or what a rollback would return to, None if nothing is in production.

        Raises
        ------
        CorruptModel
            If neither can be trusted.
        StoreUnavailable
            If it cannot be found out.
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
