"""One save into each kind of directory that keeps models, and what must be found whatever became of it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.files.csv_weights import CsvWeights
from adapters.files.last_known_good import CURRENT, FileLastKnownGood
from adapters.files.model_store import FileModelStore
from adapters.files.pickle_weights import PickleWeights
from tests.examples import NOON, a_lineage, a_model, a_version

OLD, NEW = a_version("2", slope=2.0), a_version("3", slope=3.0)
NAME = "20261123T120000.000000Z"


@dataclass(frozen=True)
class Saving:
    """What is tried.

    Parameters
    ----------
    prepare : callable of Path
        Makes the directory as it was before.
    save : callable of Path
        Raises `StoreUnavailable` if it does not succeed.
    found : callable of Path
        Returns 'old' or 'new', or raises if there is anything else.
    """

    prepare: Callable[[Path], None]
    save: Callable[[Path], None]
    found: Callable[[Path], str]


def copy_at(root: Path) -> FileLastKnownGood:
    return FileLastKnownGood(root, 10)


def prepare_copy(root: Path) -> None:
    copy_at(root).keep(a_version("1", slope=1.0))
    copy_at(root).keep(OLD)


def found_copy(root: Path) -> str:
    snapshot = copy_at(root).snapshot(now=NOON)
    assert snapshot is not None
    assert snapshot.version in (OLD, NEW)
    assert json.loads((root / CURRENT).read_bytes())["version"] == snapshot.version.name, "it is the fall-back"
    return "new" if snapshot.version == NEW else "old"


def stored(weight_format) -> Saving:
    def store(root: Path) -> FileModelStore:
        return FileModelStore(root, weight_format())

    def save(root: Path) -> None:
        newer = [name for name in store(root).versions() if name != NAME]
        name = newer[0] if newer else store(root).save(a_model(3.0), a_lineage()).name
        if store(root).history().champion != name:
            store(root).promote(name, replacing=NAME, at=NOON)

    def prepare(root: Path) -> None:
        store(root).save(a_model(2.0), a_lineage())
        store(root).promote(NAME, replacing=None, at=NOON)

    def found(root: Path) -> str:
        for name in store(root).versions():
            assert store(root).load(name).model == a_model(2.0 if name == NAME else 3.0)
        champion = store(root).champion()
        assert champion is not None
        return "old" if champion.name == NAME else "new"

    return Saving(prepare, save, found)


SAVINGS = {
    "copy of the champion": Saving(prepare_copy, lambda root: copy_at(root).keep(NEW), found_copy),
    "first copy": Saving(
        lambda root: None,
        lambda root: copy_at(root).keep(NEW),
        lambda root: found_copy(root) if copy_at(root).snapshot(now=NOON) else "old",
    ),
    "CSV store": stored(CsvWeights),
    "pickle store": stored(PickleWeights),
}


def place_anew(saving: Saving, root: Path) -> None:
    """Make the directory as it was before, whatever is there now."""
    shutil.rmtree(root, ignore_errors=True)
    saving.prepare(root)
