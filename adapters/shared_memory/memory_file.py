"""A file that is memory, and that other processes of this host can open."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def memory_file() -> Iterator[str]:
    """Yield the path of a file for this user's processes; it is gone when this process is, however it ends.

    Where the system has no such thing, it is a temporary file.
    """
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile(prefix="endeavour-") as file:
            yield file.name
        return
    descriptor = os.memfd_create("endeavour")
    try:
        yield f"/proc/{os.getpid()}/fd/{descriptor}"
    finally:
        os.close(descriptor)
