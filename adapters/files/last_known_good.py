"""The copy of the champion that outlives the registry, the server and the power supply."""

import contextlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.files.atomic import replace_quickly, write_atomically
from adapters.files.bounded import read_bounded
from adapters.files.exclusive import exclusive
from adapters.files.pointer import LARGEST_POINTER, Pointer
from domain.errors import BrokenModel, StoreUnavailable
from domain.model_version import ModelVersion
from domain.ports import LastKnownGood
from domain.record import from_record, to_record
from domain.snapshot import Snapshot, Source

CURRENT, PREVIOUS, LAST_WORD = "CURRENT", "PREVIOUS", "LAST_WORD"
# Beside the current and the previous model, so many stay: a slow reader may be about to open one.
SPARE_MODELS = 2
# A writer needs milliseconds: a temporary file of this age, in seconds, belongs to one that is dead.
ABANDONED_AFTER = 3600


class FileLastKnownGood(LastKnownGood):
    """Keeps models in files named after their content, and one small file that points to the current one.

    Replacing the pointer is the single step that counts. Readers take no lock and mend nothing: while the current model
    cannot be trusted they are given the previous one. ADR 20 has the protocol and what it was tried against.

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
        self._on_disk: Pointer | None = None

    def keep(self, champion: ModelVersion) -> None:
        """Write the model, then point to it.

        Nothing is written if this object has done so before and all is still in order. That another has is not enough:
        its writing may be in memory only, after an error that it was told of and nobody else was. So a repetition
        after `StoreUnavailable` writes everything once more.
        """
        data = _encoded(champion)
        with self._reported(), exclusive(self._root):
            current = self._trusted(CURRENT)
            if current and current == self._on_disk and current.names(data):
                return
            pointer = Pointer.to(data, champion.name, self._next_generation())
            write_atomically(self._root / pointer.file, data)
            if current and current.file != pointer.file:
                write_atomically(self._root / PREVIOUS, current.to_bytes())
            write_atomically(self._root / CURRENT, pointer.to_bytes())
            self._on_disk = pointer
            self._tidy()

    def note(self, *, heard_at: datetime, problem: str | None) -> None:
        """Replace the registry's last word, without waiting for the disk: after a crash none is as good as an old one.

        Raises
        ------
        StoreUnavailable
            If it cannot be written.
        """
        current = self._readable(CURRENT)
        about = current.file if current else None
        word = {"heard_at": heard_at.isoformat(), "about": about, "problem": problem}
        with self._reported():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_quickly(self._root / LAST_WORD, json.dumps(word).encode())

    def snapshot(self, *, now: datetime) -> Snapshot | None:
        """Return the current model, or the previous one if that is all that can be trusted."""
        problem: Exception | None = None
        # Twice: of a reader so slow that the file was tidied away meanwhile, the second look finds the newer one.
        for name in (CURRENT, CURRENT, PREVIOUS):
            try:
                if pointer := self._pointer(name):
                    source = self._source(pointer, now) if name == CURRENT else Source.CACHE
                    return Snapshot(self._load(pointer), source)
            except (OSError, BrokenModel) as error:
                problem = problem or error
        if isinstance(problem, OSError):
            raise BrokenModel(CURRENT, str(problem)) from problem
        if problem:
            raise problem
        return None

    def _load(self, pointer: Pointer) -> ModelVersion:
        if self._latest and self._latest[0] == pointer:
            return self._latest[1]
        version = from_record(_parsed(self._checked(pointer), pointer.version), pointer.version)
        self._latest = (pointer, version)
        return version

    def _checked(self, pointer: Pointer) -> bytes:
        """Return the bytes that were written: those that are parsed are those that were checked."""
        data = self._read(pointer.file, pointer.size)
        if not pointer.names(data):
            raise BrokenModel(pointer.version, f"{pointer.file} is not what was written")
        return data

    def _trusted(self, name: str) -> Pointer | None:
        """Return the pointer if what it points to is in order; a damaged one is no error to a writer."""
        pointer = self._readable(name)
        with contextlib.suppress(OSError, BrokenModel):
            return pointer if pointer and self._checked(pointer) else None
        return None

    def _readable(self, name: str) -> Pointer | None:
        with contextlib.suppress(OSError, BrokenModel):
            return self._pointer(name)
        return None

    def _next_generation(self) -> int:
        known = [pointer.generation for name in (CURRENT, PREVIOUS) if (pointer := self._readable(name))]
        return max(known, default=0) + 1

    def _source(self, current: Pointer, now: datetime) -> Source:
        """Return `REGISTRY` if the registry named this very model a moment ago, whichever way the clock was put."""
        try:
            word = _parsed(self._read(LAST_WORD, LARGEST_POINTER), LAST_WORD)
            good = word["problem"] is None and word["about"] == current.file
            heard_at = datetime.fromisoformat(word["heard_at"])
            return Source.REGISTRY if good and abs(now - heard_at) <= self._confirmed_for else Source.CACHE
        except (OSError, BrokenModel, KeyError, TypeError, ValueError):
            return Source.CACHE

    def _pointer(self, name: str) -> Pointer | None:
        try:
            return Pointer.from_bytes(self._read(name, LARGEST_POINTER))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise BrokenModel(name, str(error)) from error

    def _read(self, name: str, limit: int) -> bytes:
        try:
            return read_bounded(self._root / name, limit)
        except ValueError as error:
            raise BrokenModel(name, str(error)) from error

    def _tidy(self) -> None:
        """Remove what nothing points to; that this fails is no reason to call the copy unkept."""
        with contextlib.suppress(OSError, BrokenModel):
            kept = {pointer.file for name in (CURRENT, PREVIOUS) if (pointer := self._pointer(name))}
            rest = [path for path in self._root.glob("model-*.json") if path.name not in kept]
            for path in sorted(rest, key=_written_at)[:-SPARE_MODELS]:
                path.unlink()
            for path in self._root.glob(".*.tmp"):
                if time.time() - _written_at(path) > ABANDONED_AFTER:
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


def _written_at(path: Path) -> float:
    return path.stat().st_mtime


def _parsed(data: bytes, name: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenModel(name, "it is not JSON") from error
