"""Program that kills a writer at random moments while another process reads the file.

Its arguments are the folder, `copy` or `status`, the number of kills and a seed. It raises an error if a reader finds
a part of a version, or an older version than was acknowledged. It prints how many versions were acknowledged.
"""

import itertools
import os
import random
import signal
import sys
import time
from pathlib import Path

from adapters.files.last_known_good import FileLastKnownGood
from adapters.files.sync_status import FileSyncStatus
from domain.delivery.sync_report import RegistryState, SyncReport
from tests.support.examples import a_version

# A few times what a writer needs to save once.
MAX_LIFE_SECONDS = 0.03


class Copy:
    """The local copy of the champion, as each process opens it."""

    def __init__(self, root: Path) -> None:
        self.copy = FileLastKnownGood(root / "copy")
        self.write, self.read = self.copy.keep, self.copy.champion


class Status:
    """The status of the registry sync."""

    def __init__(self, root: Path) -> None:
        self.status = FileSyncStatus(root / "status")

    def write(self, version):
        self.status.publish(SyncReport(version, RegistryState.OK, "", 12.5, 13.5))

    def read(self):
        return self.status.read().champion


def main(root: Path, kind: type, kills: int, seed: int) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # the kernel keeps what a killed process has written
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    kind(root).write(a_version("0", slope=0.0))
    acknowledged = newest = 0
    for _ in range(kills):
        read_end, write_end = os.pipe()
        writer = os.fork()
        if not writer:
            keep_writing(kind(root), newest, write_end)
        os.close(write_end)
        end, reader = time.monotonic() + chance.random() * MAX_LIFE_SECONDS, kind(root)
        while time.monotonic() < end:
            time.sleep(0.001)  # so that the reader leaves the CPU to the writer
            assert number_in(reader) >= newest
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        with os.fdopen(read_end) as lines:
            numbers = [int(line) for line in lines]
        acknowledged += len(numbers)
        newest = max([newest, *numbers])
        assert number_in(kind(root)) >= newest, "an acknowledged version is lost"
    print(acknowledged)  # noqa: T201  # the answer


def keep_writing(place, newest: int, write_end: int) -> None:
    for number in itertools.count(newest + 1):
        place.write(a_version(str(number), slope=float(number)))
        os.write(write_end, b"%d\n" % number)


def number_in(place) -> int:
    version = place.read()
    assert version == a_version(version.name, slope=float(version.name)), "a reader found a mixture"
    return int(version.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), {"copy": Copy, "status": Status}[sys.argv[2]], int(sys.argv[3]), int(sys.argv[4]))
