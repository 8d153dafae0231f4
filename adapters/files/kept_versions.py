"""Kept versions in files: the registry sync writes the newest versions, and workers read one to compare it."""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.files.digested_record import decoded, encoded, read
from adapters.host.atomic_write import LOCK, exclusive, replace_quickly
from adapters.host.disk_problem import disk_problems_as
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.ports import KeptVersions

# Of one version, at most: the registry sync reads no larger weights file.
MAX_BYTES = 4 * 1024 * 1024
NAME = re.compile(r"\A[0-9A-Za-z_-]{1,64}\Z", re.ASCII)


class FileKeptVersions(KeptVersions):
    """Keeps each version in a file of its name.

    A file that a power cut damages is found by its digest, and written again.

    Parameters
    ----------
    root : Path
        A directory of its own; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, version: ModelVersion) -> None:
        """Write the file of the version."""
        data = encoded(version)
        if not NAME.match(version.name) or len(data) > MAX_BYTES:
            raise CorruptModel(version.name, f"its name is no file's, or its record is larger than {MAX_BYTES:,} bytes")
        with self._written():
            replace_quickly(self._root / version.name, data)

    def retain(self, names: Collection[str]) -> None:
        """Remove all other files, also those that killed writers have left."""
        with self._written():
            for path in self._root.iterdir():
                if path.name not in {*names, LOCK}:
                    path.unlink()

    def load(self, version: str) -> ModelVersion:
        """Return the version in the file of this name."""
        data = read(self._root / version, MAX_BYTES) if NAME.match(version) else None
        if data is None:
            raise ModelNotFound(version, sorted(path.name for path in self._root.glob("[!.]*")))
        return decoded(version, data)

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Hold the lock of the folder, which servers of one host share, and report errors."""
        place = f"the copies of versions in {self._root}"
        with disk_problems_as(StoreUnavailable, place), exclusive(self._root):
            yield
