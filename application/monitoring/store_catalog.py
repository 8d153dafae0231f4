"""Store catalog: describes the versions of a store that this process reads itself."""

from dataclasses import dataclass, field, replace

from domain.delivery.ledger_history import missing_changes
from domain.delivery.order_answers import last_answers
from domain.model.errors import CorruptModel, ModelNotFound
from domain.monitoring.catalog import MAX_VERSIONS, Catalog, ListedVersion
from domain.monitoring.change import ledger_changes, newest
from domain.ports import Clock, LedgerStore, ModelStore, RolloutStore, VersionCatalog


@dataclass(frozen=True, slots=True)
class StoreCatalog(VersionCatalog):
    """Reads each version once, because a name is never reused; a version that was corrupt is read again."""

    store: ModelStore
    ledger: LedgerStore
    rollouts: RolloutStore
    clock: Clock
    _described: dict[str, ListedVersion] = field(default_factory=dict, init=False, compare=False)

    def read(self) -> Catalog:
        """Return the description of the store as it is now."""
        history, names = self.store.history(), self.store.versions()
        listed, entries = names[: -MAX_VERSIONS - 1 : -1], self.ledger.entries()
        return Catalog(
            at=self.clock(),
            versions=tuple(map(self._listed, listed)),
            older=len(names) - len(listed),
            champion=history.champion or "",
            previous=history.previous or "",
            changes=newest(*ledger_changes((*entries, *missing_changes(entries, history)))),
            answers=last_answers(entries),
        )

    def _listed(self, name: str) -> ListedVersion:
        if name not in self._described:
            try:
                described = ListedVersion.of(self.store.load(name))
            except (CorruptModel, ModelNotFound) as error:
                return ListedVersion(name=name, problem=getattr(error, "why", "its files are gone"))
            self._described[name] = described
        rejected = self.rollouts.rejection(name)
        return replace(self._described[name], rejected=rejected)
