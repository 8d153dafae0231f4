"""How files should not be written: what the tests of the right way must be able to tell from it."""

import os
from pathlib import Path


def write_in_place(path: Path, data: bytes) -> None:
    """Empty the file and fill it again, which takes more than one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
