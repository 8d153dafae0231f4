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


def opened(root: Path, kind: str):
    """Return the functions by which a process writes and reads a version in the local copy or in the status."""
    if kind == "copy":
        copy = FileLastKnownGood(root / "copy")
        return copy.keep, copy.champion
    status = FileSyncStatus(root / "status")
    return (
        lambda version: status.publish(SyncReport(version, RegistryState.OK, "", 12.5, 13.5)),
        lambda: status.read().champion,
    )


def main(root: Path, kind: str, kills: int, seed: int) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # the kernel keeps what a killed process has written
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    opened(root, kind)[0](a_version("0", slope=0.0))
    acknowledged = newest = 0
    for _ in range(kills):
        read_end, write_end = os.pipe()
        writer = os.fork()
        if not writer:
            keep_writing(opened(root, kind)[0], newest, write_end)
        os.close(write_end)
        end, reader = time.monotonic() + chance.random() * MAX_LIFE_SECONDS, opened(root, kind)[1]
        while time.monotonic() < end:
            time.sleep(0.001)  # so that the reader leaves the CPU to the writer
            assert number_in(reader) >= newest
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        with os.fdopen(read_end) as lines:
            numbers = [int(line) for line in lines]
        acknowledged += len(numbers)
        newest = max([newest, *numbers])
        assert number_in(opened(root, kind)[1]) >= newest, "an acknowledged version is lost"
    print(acknowledged)  # noqa: T201  # the answer


def keep_writing(write, newest: int, write_end: int) -> None:
    for number in itertools.count(newest + 1):
        write(a_version(str(number), slope=float(number)))
        os.write(write_end, b"%d\n" % number)


def number_in(read) -> int:
    version = read()
    assert version == a_version(version.name, slope=float(version.name)), "a reader found a mixture"
    return int(version.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
