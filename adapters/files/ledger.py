"""Ledger in a file to which lines are appended, and its head in a file beside it."""

import logging
from contextlib import AbstractContextManager
from pathlib import Path

from adapters.host.atomic_write import append_durably, exclusive, write_atomically
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problems_as
from domain.delivery.ledger import LedgerDraft, LedgerEntry, LedgerHead, last_head, readable, to_line
from domain.errors import StoreUnavailable
from domain.ports import LedgerStore

log = logging.getLogger(__name__)

LINES, HEAD = "ledger.jsonl", "ledger.head"
# Room for 100,000 promotions.
MAX_BYTES = 64 * 1024 * 1024
MAX_HEAD_BYTES = 128


class FileLedger(LedgerStore):
    """Keeps `ledger.jsonl` and `ledger.head` in the directory `root` of a model store, under the same lock.

    The next writer removes a last line whose writing was cut off, by a power cut or a full disk.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def append(self, draft: LedgerDraft) -> LedgerEntry:
        """Write the line, and then the head."""
        with self._reported(), exclusive(self._root):
            before = self._without_cut_off_line(self._data())
            last = before.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")
            entry = last_head(self.head(), [last]).next(draft)
            line_break = b"\n" if before and not before.endswith(b"\n") else b""
            append_durably(self._root / LINES, b"%b%b\n" % (line_break, to_line(entry).encode()), at=len(before))
            write_atomically(self._root / HEAD, LedgerHead.of(entry).to_text().encode())
        return entry

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return the entries of the sound lines."""
        return readable(self.lines())

    def lines(self) -> tuple[str, ...]:
        """Return the lines, and the part of one that was cut off."""
        with self._reported():
            lines = self._data().decode("ascii", "replace").split("\n")
        return tuple(lines if lines[-1] else lines[:-1])

    def head(self) -> LedgerHead:
        """Return what `ledger.head` holds."""
        with self._reported():
            try:
                return LedgerHead.from_text(read_bounded(self._root / HEAD, MAX_HEAD_BYTES).decode())
            except FileNotFoundError:
                return LedgerHead()
            except ValueError:
                log.warning("ledger_head_damaged", extra={"place": str(self._root / HEAD)})
                return LedgerHead()

    def _data(self) -> bytes:
        try:
            return read_bounded(self._root / LINES, MAX_BYTES)
        except FileNotFoundError:
            return b""

    def _without_cut_off_line(self, data: bytes) -> bytes:
        whole, line_break, rest = data.rpartition(b"\n")
        if not rest or readable([rest.decode("ascii", "replace")]):
            return data
        log.warning("ledger_line_cut_off", extra={"place": str(self._root / LINES), "bytes": len(rest)})
        return whole + line_break

    def _reported(self) -> AbstractContextManager[None]:
        return disk_problems_as(StoreUnavailable, f"the ledger in {self._root}")
