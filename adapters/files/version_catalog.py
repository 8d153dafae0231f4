"""Catalog in a file in memory: the registry sync writes it, and workers read it."""

import json
from pathlib import Path

from adapters.host.atomic_write import replace_quickly
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problem, disk_problems_as
from domain.errors import StoreUnavailable
from domain.monitoring.catalog import Catalog
from domain.monitoring.records import catalog_from, catalog_values
from domain.ports import CatalogChannel

PLACE, MAX_BYTES = "the catalog of the registry sync", 4 * 1024 * 1024


class FileVersionCatalog(CatalogChannel):
    """Keeps the catalog in the file at `path`, and parses it when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, int], Catalog] | None = None

    def publish(self, catalog: Catalog) -> None:
        """Replace the catalog."""
        with disk_problems_as(StoreUnavailable, PLACE):
            replace_quickly(self._path, json.dumps(catalog_values(catalog), allow_nan=False).encode())

    def read(self) -> Catalog | None:
        """Return the catalog, None before the first."""
        seen = self._seen
        try:
            found = self._path.stat()
            which = found.st_ino, found.st_mtime_ns
            if seen is None or seen[0] != which:
                seen = self._seen = which, catalog_from(json.loads(read_bounded(self._path, MAX_BYTES)))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise StoreUnavailable(PLACE, disk_problem(error)) from error
        return seen[1]
