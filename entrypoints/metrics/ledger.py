"""Numbers that all processes of a server add to, in memory that they share."""

import fcntl
import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
import orjson

# The name of what is counted, and the values of its labels.
Series = tuple[str, ...]

PLACES, LONGEST_WORD = 256, 512
MOST_SERIES, LONGEST_SERIES = 4096, 120
BOOK = np.dtype(
    [
        ("used", np.int64),
        ("words", f"S{LONGEST_WORD}", PLACES),
        ("series", [("name", f"S{LONGEST_SERIES}"), ("sum", np.float64)], MOST_SERIES),
    ]
)
BETWEEN = "\x1f"
# Byte 0 of the file stands for the book as a whole, byte 1 + n for place n; locks are on bytes.
WHOLE = 0


def shared_descriptor() -> int:
    """Return a file without a name for the ledger of this process and of all that it will fork."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("endeavour-ledger")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.truncate(descriptor, BOOK.itemsize)
    return descriptor


class Ledger:
    """Sums that outlive the process that added to them, and a word from each process that lives.

    Locks are the kernel's, which releases those of a process that is killed; nobody can leave the book locked, and a
    place whose lock is free belongs to nobody. Each process has a ledger of its own over the same descriptor.

    Parameters
    ----------
    descriptor : int
        From `shared_descriptor`; stays open as long as the process lives.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._book = np.ndarray((), BOOK, mmap.mmap(descriptor, BOOK.itemsize))
        self._rows: dict[Series, int] = {}
        self._threads = Lock()
        self._place: int | None = None

    def add(self, amounts: Mapping[Series, float]) -> None:
        """Add to each series its amount; a series begins at zero."""
        with self._locked():
            sums = self._book["series"]["sum"]
            for series, amount in amounts.items():
                sums[self._row(series)] += amount

    def sums(self) -> dict[Series, float]:
        """Return the value of every series."""
        with self._locked():
            rows = self._book["series"][: int(self._book["used"])].copy()
        return {_series(name): value for name, value in zip(rows["name"].tolist(), rows["sum"].tolist(), strict=True)}

    def tell(self, **word: Any) -> None:
        """Replace what this process tells of itself; it counts until the process ends."""
        data = orjson.dumps(word)
        if len(data) > LONGEST_WORD:
            raise ValueError(f"{len(data)} bytes for a word of at most {LONGEST_WORD}")
        with self._locked():
            if self._place is None:
                self._place = next(place for place in range(PLACES) if self._taken(place))
            self._book["words"][self._place] = data

    def words(self) -> list[dict[str, Any]]:
        """Return what each process that lives tells of itself."""
        with self._locked():
            told = [(place, word) for place, word in enumerate(self._book["words"].tolist()) if word]
            return [orjson.loads(word) for place, word in told if place == self._place or self._is_held(place)]

    def _row(self, series: Series) -> int:
        if series not in self._rows:
            self._read_names()
        if series not in self._rows:
            self._append(series)
        return self._rows[series]

    def _read_names(self) -> None:
        """Learn which rows others have begun."""
        known, used = len(self._rows), int(self._book["used"])
        for row, name in enumerate(self._book["series"]["name"][known:used].tolist(), known):
            self._rows[_series(name)] = row

    def _append(self, series: Series) -> None:
        name, row = BETWEEN.join(series).encode(), len(self._rows)
        if len(name) > LONGEST_SERIES or row == MOST_SERIES:
            raise ValueError(f"no room for {series}")
        self._book["series"][row] = name, 0.0
        self._book["used"][...] = row + 1
        self._rows[series] = row

    def _is_held(self, place: int) -> bool:
        """Tell whether another process has the place."""
        if not self._taken(place):
            return True
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, 1 + place)
        return False

    def _taken(self, place: int) -> bool:
        """Take the place if nobody has it, and return whether that went well."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 1 + place)
        except (BlockingIOError, PermissionError):
            return False
        return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other threads out, and other processes: a lock of the kernel is the whole process's."""
        with self._threads:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX, 1, WHOLE)
            try:
                yield
            finally:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, WHOLE)


def _series(name: bytes) -> Series:
    return tuple(name.decode().split(BETWEEN))
