"""The copy of the champion that outlives the registry, the server and the power supply."""

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.files.atomic import write_atomically
from adapters.files.exclusive import exclusive
from domain.errors import BrokenModel, StoreUnavailable
from domain.model_version import ModelVersion
from domain.ports import LastKnownGood
from domain.record import from_record, to_record
from domain.snapshot import Snapshot, Source

CURRENT, PREVIOUS, LAST_WORD = "CURRENT", "PREVIOUS", "LAST_WORD"
POINTER_SIZE, MODEL_SIZE = 64 * 1024, 64 * 1024 * 1024
# A writer needs milliseconds: a temporary file of this age, in seconds, belongs to one that is dead.
ABANDONED_AFTER = 3600


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which file holds the model, and how to tell that it is that one, whole and unchanged."""

    version: str
    file: str
    size: int
    sha256: str


class FileLastKnownGood(LastKnownGood):
    """Keeps models in files named after their content, and one small file that points to the current one.

    Replacing the pointer is the single step that counts. Readers take no lock and mend nothing: while the current model
    cannot be trusted they are given the previous one.

    Parameters
    ----------
    root : Path
        A directory of its own; made when first written to.
    confirmed_for : float
        Seconds that a word of the registry counts.
    """

    def __init__(self, root: Path, confirmed_for: float) -> None:
        self._root = root
        self._confirmed_for = timedelta(seconds=confirmed_for)
        self._latest: tuple[Pointer, ModelVersion] | None = None

    def keep(self, champion: ModelVersion) -> None:
        """Write the model, then point to it; nothing is written if it is there already and still in order."""
        data = json.dumps(to_record(champion), allow_nan=False).encode()
        sha256 = hashlib.sha256(data).hexdigest()
        pointer = Pointer(champion.name, f"model-{sha256[:32]}.json", len(data), sha256)
        with self._reported(), exclusive(self._root):
            if not self._is_current(pointer):
                write_atomically(self._root / pointer.file, data)
                self._point_to(pointer)
                self._tidy()

    def note(self, *, heard_at: datetime, problem: str | None) -> None:
        """Replace the registry's last word, without waiting for the disk: after a crash none is as good as an old one.

        Raises
        ------
        StoreUnavailable
            If it cannot be written.
        """
        with self._reported():
            current = self._pointer(CURRENT)
            about = current.file if current else None
            word = {"heard_at": heard_at.isoformat(), "about": about, "problem": problem}
            self._replace_quickly(LAST_WORD, json.dumps(word).encode())

    def snapshot(self, *, now: datetime) -> Snapshot | None:
        """Return the current model, or the previous one if that is all that can be trusted."""
        try:
            current = self._pointer(CURRENT)
            if current is None:
                return None
            return Snapshot(self._load(current), self._source(current, now))
        except (OSError, BrokenModel) as error:
            return self._previous(error)

    def _previous(self, problem: Exception) -> Snapshot:
        with contextlib.suppress(OSError, BrokenModel):
            if previous := self._pointer(PREVIOUS):
                return Snapshot(self._load(previous), Source.CACHE)
        if isinstance(problem, BrokenModel):
            raise problem
        raise BrokenModel(CURRENT, str(problem)) from problem

    def _load(self, pointer: Pointer) -> ModelVersion:
        if self._latest and self._latest[0] == pointer:
            return self._latest[1]
        version = from_record(_parsed(self._checked(pointer), pointer.version), pointer.version)
        self._latest = (pointer, version)
        return version

    def _checked(self, pointer: Pointer) -> bytes:
        """Return the bytes that were written: those that are parsed are those that were checked."""
        data = self._read(pointer.file, MODEL_SIZE)
        if len(data) != pointer.size or hashlib.sha256(data).hexdigest() != pointer.sha256:
            raise BrokenModel(pointer.version, f"{pointer.file} is not what was written")
        return data

    def _is_current(self, pointer: Pointer) -> bool:
        try:
            return self._pointer(CURRENT) == pointer and bool(self._checked(pointer))
        except (OSError, BrokenModel):
            return False

    def _source(self, current: Pointer, now: datetime) -> Source:
        """Return `REGISTRY` if the registry named this very model a moment ago, whichever way the clock was put."""
        try:
            word = _parsed(self._read(LAST_WORD, POINTER_SIZE), LAST_WORD)
            good = word["problem"] is None and word["about"] == current.file
            heard_at = datetime.fromisoformat(word["heard_at"])
            return Source.REGISTRY if good and abs(now - heard_at) <= self._confirmed_for else Source.CACHE
        except (OSError, BrokenModel, KeyError, TypeError, ValueError):
            return Source.CACHE

    def _point_to(self, pointer: Pointer) -> None:
        with contextlib.suppress(FileNotFoundError):
            write_atomically(self._root / PREVIOUS, self._read(CURRENT, POINTER_SIZE))
        write_atomically(self._root / CURRENT, json.dumps(asdict(pointer)).encode())

    def _pointer(self, name: str) -> Pointer | None:
        try:
            fields = _parsed(self._read(name, POINTER_SIZE), name)
        except FileNotFoundError:
            return None
        try:
            pointer = Pointer(**fields)
            if Path(pointer.file).name != pointer.file:
                raise BrokenModel(name, "it points out of its directory")
        except TypeError as error:
            raise BrokenModel(name, "it is not a pointer") from error
        return pointer

    def _read(self, name: str, limit: int) -> bytes:
        descriptor = os.open(self._root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise BrokenModel(name, f"it is larger than {limit} bytes")
        return data

    def _replace_quickly(self, name: str, data: bytes) -> None:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self._root, prefix=f".{name}.", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(temporary).replace(self._root / name)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _tidy(self) -> None:
        """Remove what nothing points to; that this fails is no reason to call the copy unkept."""
        with contextlib.suppress(OSError, BrokenModel):
            kept = {pointer.file for name in (CURRENT, PREVIOUS) if (pointer := self._pointer(name))}
            for path in self._root.glob("model-*.json"):
                if path.name not in kept:
                    path.unlink()
            for path in self._root.glob(".*.tmp"):
                if time.time() - path.stat().st_mtime > ABANDONED_AFTER:
                    path.unlink()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (OSError, BrokenModel) as error:
            raise StoreUnavailable(f"the copy of the champion in {self._root}", str(error)) from error


def _parsed(data: bytes, name: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenModel(name, "it is not JSON") from error
