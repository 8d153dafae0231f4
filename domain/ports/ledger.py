"""Port of the ledger, which records changes of champion and ends of rollouts."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from domain.delivery.ledger import LedgerDraft, LedgerEntry, LedgerHead
from domain.promotion.history import PromotionHistory


class LedgerStore(Protocol):
    """Keeps lines, each with the hash of the line before it, and apart from them the head.

    Any method may raise `StoreUnavailable`.
    """

    @abstractmethod
    def append(self, draft: LedgerDraft) -> LedgerEntry:
        """Keep the draft as the entry after the last one, and return that entry."""

    @abstractmethod
    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return the entries of those lines that are sound, by number."""

    @abstractmethod
    def lines(self) -> tuple[str, ...]:
        """Return all lines as they are kept, damaged ones too, in their order."""

    @abstractmethod
    def head(self) -> LedgerHead:
        """Return the kept head; that of an empty ledger if there is none or a damaged one."""


ChangeRecorder = Callable[[PromotionHistory, str, str], None]
"""Records the last change of a history, its actor, and why it was made; a failure is logged and raises nothing."""
