"""Complete ledger: adds what the store's history has and the ledger lacks before each new entry."""

from dataclasses import dataclass

from domain.delivery.ledger import LedgerDraft, LedgerEntry, LedgerHead
from domain.delivery.ledger_history import missing_changes
from domain.ports import LedgerStore, ModelStore


@dataclass(frozen=True, slots=True)
class CompleteLedger(LedgerStore):
    """A ledger that lacks no change of champion before its last entry.

    A change is missing if the ledger could not be written at the time, or if the champion was changed by hand in the
    registry's own pages.
    """

    kept: LedgerStore
    store: ModelStore

    def append(self, draft: LedgerDraft) -> LedgerEntry:
        """Append the missing changes, and then the draft."""
        for missing in missing_changes((*self.kept.entries(), draft), self.store.history()):
            self.kept.append(missing)
        return self.kept.append(draft)

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return the kept entries."""
        return self.kept.entries()

    def lines(self) -> tuple[str, ...]:
        """Return the kept lines."""
        return self.kept.lines()

    def head(self) -> LedgerHead:
        """Return the kept head."""
        return self.kept.head()
