"""Copy of the champion that outlives the registry, the server and the power supply."""

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.files.atomic import require_writable, write_atomically
from adapters.files.bounded import read_bounded
from adapters.files.exclusive import exclusive
from domain.errors import BrokenModel, StoreUnavailable
from domain.model_version import ModelVersion
from domain.ports import LastKnownGood
from domain.record import from_record, to_record

CURRENT, PREVIOUS = "CURRENT", "PREVIOUS"
DIGEST = re.compile(r"\A[0-9a-f]{64}\Z")
MAX_POINTER_BYTES = 64 * 1024
# Room for a million coefficients with their names.
MAX_MODEL_BYTES = 64 * 1024 * 1024
# Beside the current and the previous model, so many stay: a slow reader may be about to open one.
SPARE_MODELS = 2
# A writer needs milliseconds, so that an older temporary file is one of a writer that was killed.
ABANDONED_AFTER_SECONDS = 3600


class FileLastKnownGood(LastKnownGood):
    """Keeps models in files named after their sha256, and one small file, a pointer, that holds the current digest.

    Replacing the pointer is the single step that counts. Readers take no lock and change nothing: while the current
    model cannot be trusted, they return the previous one. ADR 4 has the protocol and the faults it is tried against.

    Parameters
    ----------
    root : Path
        A directory of its own; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._latest: tuple[str, ModelVersion] | None = None
        self._on_disk: str | None = None

    def keep(self, champion: ModelVersion) -> None:
        """Write the model, then point to it; if this object has done so before, check that the disk can be written.

        What another process has written counts for nothing, because an error of `fsync` is reported to that process
        alone. So a repetition after `StoreUnavailable` writes everything once more.
        """
        data = _encoded(champion)
        digest = hashlib.sha256(data).hexdigest()
        with self._reported(), exclusive(self._root):
            current = self._trusted()
            if digest == current == self._on_disk:
                require_writable(self._root)
                return
            self._on_disk = None
            write_atomically(self._model_file(digest), data)
            if current and current != digest:
                write_atomically(self._root / PREVIOUS, current.encode())
            write_atomically(self._root / CURRENT, digest.encode())
            self._on_disk = digest
            self._tidy()

    def champion(self) -> ModelVersion | None:
        """Return the current model, or the previous one if only that can be trusted."""
        problem: BrokenModel | None = None
        # Twice: a reader so slow that the file was tidied away meanwhile finds the newer one at the second look.
        for name in (CURRENT, CURRENT, PREVIOUS):
            try:
                if digest := self._digest(name):
                    return self._load(digest)
            except BrokenModel as error:
                problem = problem or error
        if problem:
            raise problem
        return None

    def _load(self, digest: str) -> ModelVersion:
        if self._latest is None or self._latest[0] != digest:
            record = _parsed(self._checked(digest))
            self._latest = digest, from_record(record, str(record.get("name")))
        return self._latest[1]

    def _checked(self, digest: str) -> bytes:
        """Return the bytes that were written: those that are parsed are those that were checked."""
        path = self._model_file(digest)
        data = _read(path, MAX_MODEL_BYTES)
        if hashlib.sha256(data).hexdigest() != digest:
            raise BrokenModel(CURRENT, f"{path.name} is not what was written")
        return data

    def _trusted(self) -> str | None:
        """Return the current digest if its model is in order; a writer replaces a damaged one without an error."""
        with contextlib.suppress(BrokenModel):
            digest = self._digest(CURRENT)
            return digest if digest and self._checked(digest) else None
        return None

    def _digest(self, name: str) -> str | None:
        """Return the digest that the pointer `name` holds, None if there is no pointer."""
        try:
            text = _read(self._root / name, MAX_POINTER_BYTES).decode(errors="replace")
        except BrokenModel as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise
        if text.startswith("{"):  # the format of earlier versions
            text = str(_parsed(text).get("sha256"))
        if not DIGEST.match(text):
            raise BrokenModel(name, "the pointer is damaged; the next answer of the registry replaces it")
        return text

    def _model_file(self, digest: str) -> Path:
        return self._root / f"model-{digest[:32]}.json"

    def _tidy(self) -> None:
        """Remove what nothing points to; the copy counts as kept although that fails."""
        with contextlib.suppress(OSError, BrokenModel):
            digests = [self._digest(name) for name in (CURRENT, PREVIOUS)]
            kept = {self._model_file(digest) for digest in digests if digest}
            rest = sorted(set(self._root.glob("model-*.json")) - kept, key=_written_at)[:-SPARE_MODELS]
            oldest = time.time() - ABANDONED_AFTER_SECONDS
            for path in [*rest, *(path for path in self._root.glob(".*.tmp") if _written_at(path) < oldest)]:
                path.unlink()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailable(f"the copy of the champion in {self._root}", str(error)) from error


def _encoded(champion: ModelVersion) -> bytes:
    record = to_record(champion)
    return json.dumps(record, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def _read(path: Path, limit: int) -> bytes:
    try:
        return read_bounded(path, limit)
    except (OSError, ValueError) as error:
        raise BrokenModel(path.name, str(error)) from error


def _written_at(path: Path) -> float:
    return path.stat().st_mtime


def _parsed(data: bytes | str) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(data)
        if isinstance(value, dict):
            return value
    raise BrokenModel(CURRENT, "it is no object of JSON")
