"""Changes of a host, in a file beside the copy of the champion, so that they outlive its server."""

import json
from pathlib import Path

from adapters.host.atomic_write import exclusive, write_atomically
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problems_as
from domain.errors import StoreUnavailable
from domain.monitoring.change import MAX_CHANGES, Change
from domain.monitoring.records import change_from, change_values
from domain.ports import HostChanges

CHANGES, MAX_BYTES = "changes.json", 1024 * 1024


class FileHostChanges(HostChanges):
    """Keeps `changes.json` in the directory `root`; readers take no lock, and parse the file when it has changed.

    A damaged file counts as none.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: tuple[tuple[int, int], tuple[Change, ...]] | None = None

    def add(self, change: Change) -> None:
        """Replace the file by one with the last changes."""
        place = f"the changes of this host in {self._root}"
        with disk_problems_as(StoreUnavailable, place), exclusive(self._root):
            changes = (*self.read(), change)[-MAX_CHANGES:]
            write_atomically(self._root / CHANGES, json.dumps(list(map(change_values, changes))).encode())

    def read(self) -> tuple[Change, ...]:
        """Return what the file holds."""
        seen, path = self._seen, self._root / CHANGES
        try:
            found = path.stat()
            which = found.st_ino, found.st_mtime_ns
            if seen is None or seen[0] != which:
                changes = tuple(map(change_from, json.loads(read_bounded(path, MAX_BYTES))))
                seen = self._seen = which, changes
        except (OSError, ValueError, TypeError, RecursionError):
            return ()
        return seen[1]
