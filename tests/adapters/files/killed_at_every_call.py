"""A program: a process of its own saves, and is killed at its Nth call to the operating system, N = 1, 2, 3 …

Prints, for each kind of save, the number of kills and what was found wrong after them, as JSON.
"""

import json
import os
import sys
from itertools import count
from pathlib import Path

from tests.adapters.files.nth_call import kill_after, kill_before, nth_call
from tests.adapters.files.saving import SAVINGS, Saving, place_anew


def main(root: Path) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # what was written outlives a process in the kernel's memory
    print(json.dumps({name: kill_at_every_call(saving, root) for name, saving in SAVINGS.items()}))  # noqa: T201  # a program that prints


def kill_at_every_call(saving: Saving, root: Path) -> dict[str, object]:
    kills, wrong = 0, []
    for deed in (kill_before, kill_after):
        for number in count(1):
            place_anew(saving, root)
            killed = save_elsewhere(saving, root, number, deed)
            try:
                assert saving.found(root) in (("old", "new") if killed else ("new",))
                saving.save(root)
                assert saving.found(root) == "new", "life does not go on"
            except Exception as error:  # noqa: BLE001, RUF100  # whatever it is, it is told
                wrong.append(f"{deed.__name__} call {number}: {error!r}")
            if not killed:
                break
            kills += 1
    return {"kills": kills, "wrong": wrong}


def save_elsewhere(saving: Saving, root: Path, number: int, deed) -> bool:
    """Return whether the process that was to save was killed."""
    child = os.fork()
    if not child:
        with nth_call(number, deed):
            saving.save(root)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
