"""Figures file: the figures of a host on its disk, so that a restart keeps the last day."""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from adapters.host.atomic_write import exclusive, make_directory, write_atomically
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problems_as
from adapters.host.file_lock import lock
from domain.errors import StoreUnavailable

FIGURES, LOCK, MAX_BYTES = "figures.bin", "figures.lock", 16 * 1024 * 1024
# For a server that is ending.
WAIT_SECONDS = 1.0
_DIGEST_BYTES = hashlib.sha256().digest_size


class FiguresFile:
    """Keeps `figures.bin` in the directory `root`: a digest, and the compressed content that it is of."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Let no other server keep figures in this directory inside the context.

        Raises
        ------
        StoreUnavailable
            If another one does, or the directory cannot be written.
        """
        with ExitStack() as held:
            with self._reported():
                make_directory(self._root)
                held.enter_context(lock(self._root / LOCK, WAIT_SECONDS))
            yield

    def keep(self, content: bytes) -> None:
        """Replace the file, or raise `StoreUnavailable`."""
        packed = zlib.compress(content, level=1)
        with self._reported(), exclusive(self._root):
            write_atomically(self._root / FIGURES, hashlib.sha256(packed).digest() + packed)

    def content(self) -> bytes | None:
        """Return what was kept, None if there is no file; nothing is in one that is damaged or cannot be read."""
        try:
            data = read_bounded(self._root / FIGURES, MAX_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            return b""
        digest, packed = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        if hashlib.sha256(packed).digest() != digest:
            return b""
        try:
            return zlib.decompressobj().decompress(packed, MAX_BYTES)
        except zlib.error:
            return b""

    def _reported(self) -> AbstractContextManager[None]:
        return disk_problems_as(StoreUnavailable, f"the figures in {self._root}")
