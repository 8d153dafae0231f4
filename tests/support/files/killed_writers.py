"""A program: a writer is killed again and again at random moments, while another process reads what it writes.

Its arguments are the folder, `copy` or `board`, the number of kills and a seed. It raises if a reader finds half of a
version, or an older one than was acknowledged, and prints how many were acknowledged.
"""

import itertools
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from adapters.files.last_known_good import FileLastKnownGood
from adapters.files.sync_status import FileSyncStatus
from tests.adapters.files.test_sync_status import REPORT
from tests.support.examples import a_version

# A few times what a writer needs to save once.
MAX_LIFE_SECONDS = 0.03


class Copy:
    """The copy of the champion, as each process opens it."""

    def __init__(self, root: Path) -> None:
        self.copy = FileLastKnownGood(root / "copy")
        self.write, self.read = self.copy.keep, self.copy.champion


class Board:
    """The board of the mirror."""

    def __init__(self, root: Path) -> None:
        self.board = FileSyncStatus(root / "board")

    def write(self, version):
        self.board.publish(replace(REPORT, champion=version))

    def read(self):
        return self.board.read().champion


def main(root: Path, kind: type, kills: int, seed: int) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # what was written outlives a process in the kernel's memory
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    kind(root).write(a_version("0", slope=0.0))
    acknowledged = newest = 0
    for _ in range(kills):
        heard, told = os.pipe()
        writer = os.fork()
        if not writer:
            keep_writing(kind(root), newest, told)
        os.close(told)
        end, reader = time.monotonic() + chance.random() * MAX_LIFE_SECONDS, kind(root)
        while time.monotonic() < end:
            time.sleep(0.001)  # else the reader would take the processor from the writer
            assert number_in(reader) >= newest
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        with os.fdopen(heard) as words:
            numbers = [int(word) for word in words]
        acknowledged += len(numbers)
        newest = max([newest, *numbers])
        assert number_in(kind(root)) >= newest, "what was acknowledged is lost"
    print(acknowledged)  # noqa: T201  # the answer


def keep_writing(place, newest: int, told: int) -> None:
    for number in itertools.count(newest + 1):
        place.write(a_version(str(number), slope=float(number)))
        os.write(told, b"%d\n" % number)


def number_in(place) -> int:
    version = place.read()
    assert version == a_version(version.name, slope=float(version.name)), "it is a mixture"
    return int(version.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), {"copy": Copy, "board": Board}[sys.argv[2]], int(sys.argv[3]), int(sys.argv[4]))
