"""A disk that is nearly full, for real or as near to it as one may come without the right to mount one."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE = 4096
SIZE = 64 * PAGE
# As root, and as anybody else where the kernel gives them a namespace of their own. The mount ends with the process.
NAMESPACES = (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"])
MOUNT = f'mount -t tmpfs -o size={SIZE} tmpfs "$0" && exec "$@"'


def on_a_small_disk(place: Path) -> list[str] | None:
    """Return the words to put before a program that is to find a disk of 64 pages at `place`, if one may be had."""
    for namespace in NAMESPACES:
        words = [*namespace, "sh", "-c", MOUNT, str(place)]
        try:
            if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
                return words
        except FileNotFoundError:
            break
    return None


@contextmanager
def little_room(most: int) -> Iterator[None]:
    """Let no file grow beyond `most` bytes inside, which is an error of `write` as a full disk is."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        yield
    finally:
        # At once: the limit holds for the test runner's own output too.
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def pages_left(place: Path, pages: int) -> Iterator[None]:
    """Fill the disk at `place` inside, but for so many pages."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        free = os.statvfs(place)
        file.write(bytes(max(0, free.f_bavail * free.f_frsize - pages * PAGE)))
    try:
        yield
    finally:
        ballast.unlink()
