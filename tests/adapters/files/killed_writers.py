"""A program: two writers of one directory are killed again and again at random moments, while two readers read.

It is given the directory, the number of kills, a seed, and `atomic`, or `in-place` for the wrong way to write. It
prints what it saw as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from adapters.files import last_known_good
from adapters.files.exclusive import exclusive
from adapters.files.last_known_good import CURRENT, FileLastKnownGood
from tests.adapters.files.in_place import write_in_place
from tests.examples import NOON, a_version

WRITERS, READERS = 2, 2
# Seconds between two kills, at most: a few times what a writer needs to start and to save once.
LONGEST_LIFE = 0.006
# Seconds between two reads: without a pause, the readers would take the processor from the writers.
PAUSE = 0.001
KILLS_BETWEEN_TIDYING = 200


def copy_at(root: Path) -> FileLastKnownGood:
    return FileLastKnownGood(root, 10)


def found(root: Path) -> str:
    """Return the name of what is served, or raise if it is not what was kept under that name."""
    snapshot = copy_at(root).snapshot(now=NOON)
    assert snapshot, "nothing is found"
    name = snapshot.version.name
    assert snapshot.version == a_version(name, slope=float(name.split("-")[1])), "it is not what was kept"
    return name


def generation(root: Path) -> int:
    return json.loads((root / CURRENT).read_bytes())["generation"]


def forked(work) -> int:
    """Run `work` in a process of its own that ends with it."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    finally:
        os._exit(0)


def write(root: Path, life: int, told: int) -> None:
    """Keep one version after the other, and tell for each that is acknowledged a generation that is not older."""
    copy = copy_at(root)
    for number in range(1_000_000):
        copy.keep(a_version(f"{life}-{number}", slope=float(number)))
        copy.note(heard_at=NOON, problem=None)
        os.write(told, b"%d\n" % generation(root))


def read(root: Path, told: int) -> None:
    """Read until told to stop, then tell how often that was and what was wrong."""
    reads, wrong, stop = 0, [], []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    while not stop:
        time.sleep(PAUSE)
        reads += 1
        try:
            found(root)
        except Exception as error:  # noqa: BLE001, RUF100  # whatever it is, it is told
            wrong.append(repr(error))
    os.write(told, json.dumps({"reads": reads, "wrong": len(wrong), "first": wrong[:3]}).encode() + b"\n")


def lines(pipe: int) -> list[bytes]:
    """Return the whole lines that are in the pipe by now; a killed writer's last may be missing, but never half."""
    try:
        return os.read(pipe, 1 << 20).splitlines()
    except BlockingIOError:
        return []


def main(root: Path, kills: int, seed: int, way: str) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # what was written outlives a process in the kernel's memory
    if way == "in-place":
        last_known_good.write_atomically = write_in_place
    chance, began = random.Random(seed), time.monotonic()  # noqa: S311  # not for secrets
    copy_at(root).keep(a_version("0-1", slope=1.0))
    (heard, told), (heard_readers, told_readers) = os.pipe(), os.pipe()
    os.set_blocking(heard, False)
    readers = [forked(lambda: read(root, told_readers)) for _ in range(READERS)]
    writers = [forked(lambda life=slot + 1: write(root, life, told)) for slot in range(WRITERS)]
    acknowledged, newest, wrong = 0, 0, []
    for kill in range(kills):
        time.sleep(chance.random() * LONGEST_LIFE)
        slot = chance.randrange(WRITERS)
        os.kill(writers[slot], signal.SIGKILL)
        os.waitpid(writers[slot], 0)
        news = [int(line) for line in lines(heard)]
        acknowledged, newest = acknowledged + len(news), max([newest, *news])
        try:
            found(root)
            assert generation(root) >= newest, "what was acknowledged is lost"
        except Exception as error:  # noqa: BLE001, RUF100  # whatever it is, it is told
            wrong.append(f"kill {kill}: {error!r}")
        if kill % KILLS_BETWEEN_TIDYING == 0:
            tidy(root)
        writers[slot] = forked(lambda life=WRITERS + kill + 1: write(root, life, told))
    for process in writers:
        os.kill(process, signal.SIGKILL)
    for process in readers:
        os.kill(process, signal.SIGTERM)
    seen = []
    while len(seen) < READERS:
        seen += [json.loads(line) for line in os.read(heard_readers, 1 << 16).splitlines()]
    answer = {
        "kills": kills,
        "acknowledged": acknowledged,
        "wrong": len(wrong),
        "first": wrong[:3],
        "reads": sum(each["reads"] for each in seen),
        "wrong reads": sum(each["wrong"] for each in seen),
        "first reads": [first for each in seen for first in each["first"]],
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(answer))  # noqa: T201  # the answer


def tidy(root: Path) -> None:
    """Remove what the killed have left, which the copy itself does after an hour."""
    with exclusive(root):
        for name in ("model-*", "CURRENT", "PREVIOUS"):
            for path in root.glob(f".{name}.*.tmp"):
                path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
