"""Ledger in memory."""

from adapters.memory.model_store import InMemoryRegistryState
from domain.delivery.ledger import LedgerDraft, LedgerEntry, LedgerHead, from_line, last_head, readable, to_line
from domain.ports import LedgerStore


class InMemoryLedger(LedgerStore):
    """Keeps the lines in the state of a registry in memory; the head is that of the last line.

    Parameters
    ----------
    state : InMemoryRegistryState, optional
        Shared with model stores and other ledgers.
    """

    def __init__(self, state: InMemoryRegistryState | None = None) -> None:
        self._state = state or InMemoryRegistryState()

    def append(self, draft: LedgerDraft) -> LedgerEntry:
        """Keep the next line."""
        with self._state.reached().lock:
            entry = last_head(LedgerHead(), self._state.ledger).next(draft)
            self._state.ledger.append(to_line(entry))
        return entry

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return the entries."""
        return readable(self.lines())

    def lines(self) -> tuple[str, ...]:
        """Return the lines."""
        return tuple(self._state.reached().ledger)

    def head(self) -> LedgerHead:
        """Return the head of the last line."""
        lines = self.lines()
        return LedgerHead.of(from_line(lines[-1])) if lines else LedgerHead()
