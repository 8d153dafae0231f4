"""Release: identifies the code that computes, so that a cluster never mixes two of them in one result."""

import hashlib
import platform
from functools import cache
from importlib.resources import files
from pathlib import Path

import distributed
import numpy as np
import pyarrow as pa

# Packages whose code runs on a worker.
PACKAGES = ("domain", "adapters")


@cache
def release_digest() -> str:
    """Return the sha256 of the package's files and of the versions of Python and the libraries, in hexadecimal."""
    python = ".".join(platform.python_version_tuple()[:2])
    digest = hashlib.sha256(f"{python} {np.__version__} {pa.__version__} {distributed.__version__}".encode())
    for package in PACKAGES:
        root = Path(str(files(package)))
        for path in sorted(root.rglob("*.py")):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{package}/{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()
