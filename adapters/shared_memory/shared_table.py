"""Shared table: one record in memory that all processes of a host share, which its one writing process changes."""

import hashlib
import mmap
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

import numpy as np

from adapters.shared_memory.sequence_lock import SequenceLock

T = TypeVar("T")


class SharedTable:
    """A record of zeros; made before workers are forked.

    Parameters
    ----------
    layout : dtype
        Its first field is `sequence`, an unsigned integer of eight bytes.
    what : str
        Name of the content, for the error.

    Attributes
    ----------
    size : int
        Bytes of `to_bytes`.
    """

    def __init__(self, layout: "np.dtype[np.void]", what: str) -> None:
        self._memory = mmap.mmap(-1, layout.itemsize)
        self.record = np.frombuffer(self._memory, layout)
        self._lock = SequenceLock(self.record["sequence"], what)
        self._shape = hashlib.sha256(repr(layout.descr).encode()).digest()
        self.size = len(self._shape) + layout.itemsize

    def writing(self) -> AbstractContextManager[None]:
        """Let readers, and other threads that write, wait inside the context."""
        return self._lock.writing()

    def consistent(self, copy: Callable[[], T]) -> T:
        """Return a copy that no write has changed meanwhile, or raise `FiguresUnavailable`."""
        return self._lock.consistent(copy)

    def to_bytes(self) -> bytes:
        """Return the content, for `restore`, as it was between two writes; may raise `FiguresUnavailable`."""
        return self._lock.consistent(lambda: self._shape + bytes(self._memory))

    def restore(self, content: bytes) -> bool:
        """Replace the content by that of another table; return False if it has another layout."""
        if len(content) != self.size or not content.startswith(self._shape):
            return False
        kept = np.frombuffer(content, self.record.dtype, offset=len(self._shape))
        with self._lock.writing():
            for field in (self.record.dtype.names or ())[1:]:
                self.record[field] = kept[field]
        return True
