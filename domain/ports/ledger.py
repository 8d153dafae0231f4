"""Port of the ledger, which records changes of champion and ends of rollouts."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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


class LedgerWitness(Protocol):
    """Memory of a serving host: the highest head of the ledger that it has seen."""

    @abstractmethod
    def head(self) -> LedgerHead:
        """Return the head, that of an empty ledger if the host has seen none or cannot read it."""

    @abstractmethod
    def keep(self, head: LedgerHead) -> None:
        """Replace the head, or raise `StoreUnavailable`."""


@dataclass(frozen=True, slots=True)
class WitnessReport:
    """The highest head of the ledger that a serving host has seen.

    Parameters
    ----------
    name : str
        The host's address.
    head : LedgerHead
        That of an empty ledger if the host has seen none.
    problem : str
        Why the host did not report; empty if it did.
    """

    name: str
    head: LedgerHead = field(default_factory=LedgerHead)
    problem: str = ""


class LedgerWitnesses(Protocol):
    """Reads what serving hosts have seen of the ledger."""

    @abstractmethod
    def read(self, urls: Sequence[str]) -> tuple[WitnessReport, ...]:
        """Return a report for each host behind `urls` within some seconds; one that does not answer has a `problem`."""


ChangeRecorder = Callable[[PromotionHistory, str, str], None]
"""Records the last change of a history, its actor, and why it was made; a failure is logged and raises nothing."""
