"""A program: saves on a disk that has room for less and less.

It is given the place, and `disk` if a small one is mounted there, else `limit`. It prints how often there was too
little room for what, as JSON, and raises if that did any harm.
"""

import json
import os
import sys
from pathlib import Path

from domain.errors import StoreUnavailable
from tests.adapters.files.little_room import little_room, pages_left
from tests.adapters.files.saving import SAVINGS, Saving, place_anew


def main(place: Path, kind: str) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # the room is taken by writing
    print(json.dumps({name: refusals(saving, place, kind) for name, saving in SAVINGS.items()}))  # noqa: T201  # a program that prints


def refusals(saving: Saving, place: Path, kind: str) -> int:
    root, refused = place / "models", 0
    for step in range(12):
        place_anew(saving, root)
        acknowledged = True
        with pages_left(place, step) if kind == "disk" else little_room(100 * step):
            try:
                saving.save(root)
            except StoreUnavailable:
                acknowledged = False
        assert saving.found(root) in (("new",) if acknowledged else ("old", "new"))
        assert not list(root.glob(".*.tmp")), "something is left lying about"
        saving.save(root)
        assert saving.found(root) == "new", "life does not go on"
        refused += not acknowledged
    return refused


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
