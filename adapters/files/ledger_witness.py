"""Ledger witness: a file beside the copy of the champion, with the highest head of the ledger seen by this host."""

from pathlib import Path

from adapters.host.atomic_write import exclusive, write_atomically
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problems_as
from domain.delivery.ledger import LedgerHead, head_or_start
from domain.errors import StoreUnavailable
from domain.ports import LedgerWitness

HEAD, MAX_BYTES = "LEDGER_HEAD", 128


class FileLedgerWitness(LedgerWitness):
    """Keeps `LEDGER_HEAD` in the directory `root`; readers take no lock."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def head(self) -> LedgerHead:
        """Return what the file holds."""
        try:
            return head_or_start(read_bounded(self._root / HEAD, MAX_BYTES).decode())
        except (OSError, ValueError):
            return LedgerHead()

    def keep(self, head: LedgerHead) -> None:
        """Replace the file."""
        place = f"the head of the ledger in {self._root}"
        with disk_problems_as(StoreUnavailable, place), exclusive(self._root):
            write_atomically(self._root / HEAD, head.to_text().encode())
