"""Figures file: the traffic of a host on its disk, so that a restart keeps the last day."""

import hashlib
from pathlib import Path

from adapters.host.atomic_write import exclusive, write_atomically
from adapters.host.bounded_read import read_bounded
from domain.errors import StoreUnavailable

FIGURES, MAX_BYTES = "figures.bin", 16 * 1024 * 1024
_DIGEST_BYTES = hashlib.sha256().digest_size


class FiguresFile:
    """Keeps `figures.bin` in the directory `root`: a digest, and the content that it is of."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, content: bytes) -> None:
        """Replace the file, or raise `StoreUnavailable`."""
        try:
            with exclusive(self._root):
                write_atomically(self._root / FIGURES, hashlib.sha256(content).digest() + content)
        except OSError as error:
            raise StoreUnavailable(f"the figures in {self._root}", str(error)) from error

    def content(self) -> bytes | None:
        """Return what was kept, None if there is no file; nothing is in one that is damaged or cannot be read."""
        try:
            data = read_bounded(self._root / FIGURES, MAX_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            return b""
        digest, content = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        return content if hashlib.sha256(content).digest() == digest else b""
