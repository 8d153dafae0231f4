"""VerifyLedger: compares the ledger with itself, with the store's history, and with what serving hosts have seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.delivery.ledger import LedgerHead, readable
from domain.delivery.ledger_audit import chain_problems, history_problems, witness_problems
from domain.ports import LedgerStore, LedgerWitnesses, ModelStore, WitnessReport


@dataclass(frozen=True, slots=True)
class LedgerVerification:
    """Outcome of a verification.

    Parameters
    ----------
    head : LedgerHead
    problems : tuple of str
        Contradictions; empty if there are none.
    witnesses : tuple of WitnessReport
        Those that could not be read have a problem.
    """

    head: LedgerHead
    problems: tuple[str, ...]
    witnesses: tuple[WitnessReport, ...]


@dataclass(frozen=True, slots=True)
class VerifyLedger:
    """Verify the ledger; nothing is changed."""

    ledger: LedgerStore
    store: ModelStore
    witnesses: LedgerWitnesses

    def __call__(self, urls: Sequence[str]) -> LedgerVerification:
        """Return the outcome; `urls` are those of the witnesses."""
        # The witnesses come first, because an entry that is written meanwhile is then in the lines as well.
        witnesses = self.witnesses.read(urls)
        history, head, lines = self.store.history(), self.ledger.head(), self.ledger.lines()
        seen = {witness.name: witness.head for witness in witnesses if not witness.problem}
        problems = (
            *chain_problems(lines, head),
            *history_problems(readable(lines), history),
            *witness_problems(lines, seen),
        )
        return LedgerVerification(head, problems, witnesses)
