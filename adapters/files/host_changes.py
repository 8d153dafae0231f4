"""Changes of a host, in a file beside the copy of the champion, so that they outlive its server."""

import json
from pathlib import Path

from adapters.host.atomic_write import exclusive, write_atomically
from adapters.host.bounded_read import read_bounded
from domain.errors import StoreUnavailable
from domain.monitoring.change import MAX_CHANGES, Change
from domain.monitoring.records import change_from, change_values
from domain.ports import HostChanges

CHANGES, MAX_BYTES = "changes.json", 1024 * 1024


class FileHostChanges(HostChanges):
    """Keeps `changes.json` in the directory `root`; readers take no lock. A damaged file counts as none."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, change: Change) -> None:
        """Replace the file by one with the last changes."""
        try:
            with exclusive(self._root):
                changes = (*self.read(), change)[-MAX_CHANGES:]
                write_atomically(self._root / CHANGES, json.dumps(list(map(change_values, changes))).encode())
        except OSError as error:
            raise StoreUnavailable(f"the changes of this host in {self._root}", str(error)) from error

    def read(self) -> tuple[Change, ...]:
        """Return what the file holds."""
        try:
            return tuple(map(change_from, json.loads(read_bounded(self._root / CHANGES, MAX_BYTES))))
        except (OSError, ValueError, TypeError, RecursionError):
            return ()
