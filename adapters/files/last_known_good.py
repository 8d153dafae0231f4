"""Copy of the champion that outlives the registry, the server and the power supply."""

import contextlib
import time
from contextlib import AbstractContextManager
from pathlib import Path

from adapters.files.digested_record import checked, decoded, encoded, read
from adapters.host.atomic_write import exclusive, require_writable, write_atomically
from adapters.host.disk_problem import disk_problems_as
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from domain.ports import LastKnownGood

CURRENT, PREVIOUS = "CURRENT", "PREVIOUS"
# Room for a million coefficients with their names.
MAX_BYTES = 64 * 1024 * 1024
# A writer needs milliseconds, so that an older temporary file is one of a writer that was killed.
ABANDONED_AFTER_SECONDS = 3600


class FileLastKnownGood(LastKnownGood):
    """Keeps the current and the previous model in files of two lines: the sha256 of the record, and the record.

    Replacing a file is a single step. Readers take no lock and change nothing: while the current model cannot be
    trusted, they return the previous one. ADR 4 has the protocol and the faults it is tried against.

    Parameters
    ----------
    root : Path
        A directory of its own; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._latest: tuple[bytes, ModelVersion] | None = None
        self._on_disk: bytes | None = None

    def keep(self, champion: ModelVersion) -> None:
        """Write the model; if this object has done so before, check that the disk can be written.

        What another process has written counts for nothing, because an error of `fsync` is reported to that process
        alone. So a repetition after `StoreUnavailable` writes everything once more.
        """
        data = encoded(champion)
        with self._reported(), exclusive(self._root):
            current = self._trusted()
            if data == current == self._on_disk:
                require_writable(self._root)
                return
            self._on_disk = None
            if current and current != data:
                write_atomically(self._root / PREVIOUS, current)
            write_atomically(self._root / CURRENT, data)
            self._on_disk = data
            self._tidy()

    def validate_writable(self) -> None:
        """Raise `StoreUnavailable` if no file can be written to the directory, which is made if it is missing."""
        with self._reported(), exclusive(self._root):
            require_writable(self._root)

    def champion(self) -> ModelVersion | None:
        """Return the current model, or the previous one if only that can be trusted."""
        problem: CorruptModel | None = None
        for name in (CURRENT, PREVIOUS):
            try:
                data = read(self._root / name, MAX_BYTES)
                if data is not None:
                    return self._parsed(name, data)
            except CorruptModel as error:
                problem = problem or error
        if problem:
            raise problem
        return None

    def _parsed(self, name: str, data: bytes) -> ModelVersion:
        if self._latest is None or self._latest[0] != data:
            self._latest = data, decoded(name, data)
        return self._latest[1]

    def _trusted(self) -> bytes | None:
        """Return the current file if its digest is right; a writer replaces a damaged one without an error."""
        with contextlib.suppress(CorruptModel):
            data = read(self._root / CURRENT, MAX_BYTES)
            return data if data and checked(CURRENT, data) else None
        return None

    def _tidy(self) -> None:
        """Remove what killed writers have left; the copy counts as kept although that fails."""
        with contextlib.suppress(OSError):
            for path in self._root.glob(".*.tmp"):
                if time.time() - path.stat().st_mtime > ABANDONED_AFTER_SECONDS:
                    path.unlink()

    def _reported(self) -> AbstractContextManager[None]:
        return disk_problems_as(StoreUnavailable, f"the copy of the champion in {self._root}")
