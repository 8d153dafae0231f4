"""The champion of a store on this host, which is its own registry."""

from dataclasses import dataclass

from domain.errors import BrokenModel, ModelNotFound
from domain.model_version import ModelVersion
from domain.ports import ModelStore
from domain.snapshot import Snapshot, Source


@dataclass(frozen=True, slots=True)
class LatestPromoted:
    """Reads the champion; while that is broken, the version before it takes its place, as an unconfirmed one."""

    store: ModelStore

    def __call__(self) -> Snapshot | None:
        """Return the champion, or what a rollback would return to, None if nothing is in production.

        Raises
        ------
        BrokenModel
            If neither can be trusted.
        StoreUnavailable
            If it cannot be found out.
        """
        try:
            champion = self.store.champion()
        except BrokenModel as broken:
            return Snapshot(self._previous(broken), Source.CACHE)
        return Snapshot(champion, Source.REGISTRY) if champion else None

    def _previous(self, broken: BrokenModel) -> ModelVersion:
        previous = self.store.history().previous
        if previous is None:
            raise broken
        try:
            return self.store.load(previous)
        except (BrokenModel, ModelNotFound):
            raise broken from None
