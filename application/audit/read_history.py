"""ReadHistory: reads changes of champion and ends of rollouts, oldest first."""

from dataclasses import dataclass

from domain.delivery.ledger import LedgerDraft
from domain.delivery.ledger_history import missing_changes
from domain.ports import LedgerStore, ModelStore


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """Read the ledger, and from the store's history what the ledger lacks."""

    ledger: LedgerStore
    store: ModelStore

    def __call__(self) -> tuple[LedgerDraft, ...]:
        """Return entries, and drafts of changes without an entry."""
        entries = self.ledger.entries()
        found = (*entries, *missing_changes(entries, self.store.history()))
        return tuple(sorted(found, key=lambda entry: entry.at))
