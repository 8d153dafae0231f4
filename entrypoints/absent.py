"""Packages that are installed, and that an import is better off without."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def absent(*packages: str) -> Iterator[None]:
    """Let whatever is imported inside take these packages for not installed, unless they are imported already."""
    hidden = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is how Python notes that there is none
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]
