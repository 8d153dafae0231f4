"""A program: saves where it may not write. It raises if that does any harm."""

import os
import tempfile
from pathlib import Path

from domain.errors import StoreUnavailable
from tests.adapters.files.saving import SAVINGS, Saving

NOBODY = 65534


def main() -> None:
    for name, saving in SAVINGS.items():
        if name != "first copy":
            try_to_save(saving)


def try_to_save(saving: Saving) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "models"
        saving.prepare(root)
        user = os.geteuid()
        if user == 0:  # whom nothing is forbidden
            for path in (place, root, *root.iterdir()):
                os.chown(path, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        root.chmod(0o500)
        before = sorted(root.iterdir())
        try:
            saving.save(root)
        except StoreUnavailable:
            assert saving.found(root) == "old"
            assert sorted(root.iterdir()) == before
        else:
            raise AssertionError("it was saved")
        finally:
            root.chmod(0o700)
            os.seteuid(user)


if __name__ == "__main__":
    main()
