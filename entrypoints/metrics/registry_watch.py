"""What the mirror says of the registry, in the ledger."""

import time

from entrypoints.metrics.ledger import Ledger

UP, CONFIRMED_AT = ("registry", "up"), ("registry", "confirmed_at")
CONFIRMED, FAILED, DIED = "confirmed", "failed", "died"


class RegistryWatch:
    """Counts what came of each question to the registry."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __call__(self, outcome: str) -> None:
        """Note one of the three outcomes."""
        self._ledger.add({("mirror", outcome): 1})
        self._ledger.put(UP, float(outcome == CONFIRMED))
        if outcome == CONFIRMED:
            self._ledger.put(CONFIRMED_AT, time.time())
