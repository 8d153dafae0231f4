"""The power goes at any moment of a save: the old or the new is found, and nothing that was acknowledged is lost.

A loop of `kill -9` cannot show this, since what a process wrote survives it in the kernel's memory. So the disk is
played, and the protocol without any one of its steps must be found out.
"""

import itertools
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.files import last_known_good, model_store
from adapters.files.atomic import write_atomically
from adapters.files.csv_weights import CsvWeights
from adapters.files.last_known_good import CURRENT, FileLastKnownGood
from adapters.files.model_store import FileModelStore
from adapters.files.pickle_weights import PickleWeights
from domain.errors import EndeavourError, StoreUnavailable
from tests.adapters.files.in_place import write_in_place
from tests.adapters.files.power_cut import AfterPowerCut, after_power_cuts, without_power_cut
from tests.adapters.files.recorded_disk import Named, RecordedDisk, Synced
from tests.examples import NOON, a_lineage, a_model, a_version

COPY = "serving/registry"
VERSIONS = {name: a_version(name, slope=float(name)) for name in ("1", "2", "3", "4")}
STORE = "weights"
NAMES = ("20261123T120000.000000Z", "20261123T120000.000001Z")

Condition = Callable[[Synced], bool]


class Lost(AssertionError):
    """What must be found is not."""


@pytest.fixture
def disk(tmp_path):
    root = tmp_path / "disk"
    root.mkdir()
    return RecordedDisk(root)


@pytest.fixture
def examine(disk, tmp_path, monkeypatch):
    """Run a scenario, cut the power in every way, check what is found, and return how many states there were."""

    def _examine(scenario, check) -> int:
        with disk.recording():
            scenario(disk)
        assert without_power_cut(disk.operations) == found_under(disk.root), "something got past the record"
        monkeypatch.undo()  # what is wrong with the writing of a mutant is not to spoil the reading
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", lambda _: None)  # the checks write to a real disk, which is not the point
            for number, state in enumerate(after_power_cuts(disk.operations), start=1):
                place = tmp_path / str(number)
                place.mkdir()
                state.rebuild(place)
                check(state, place)
        return number

    return _examine


def found_under(root: Path) -> dict[str, bytes]:
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    empty = {f"{path.relative_to(root).as_posix()}/": b"" for path in root.rglob("*/") if not any(path.iterdir())}
    return files | empty


# The copy of the champion: what is done to it.


def keep(disk: RecordedDisk, copy: FileLastKnownGood, *names: str) -> None:
    for name in names:
        with disk.doing(name):
            copy.keep(VERSIONS[name])
        copy.note(heard_at=NOON, problem=None)


def copy_under(root: Path) -> FileLastKnownGood:
    return FileLastKnownGood(root / COPY, 10)


def first_saves(disk):
    keep(disk, copy_under(disk.root), "1", "2", "3")


def return_to_an_earlier_one(disk):
    keep(disk, copy_under(disk.root), "1", "2", "1")


def saves_after_damage(disk):
    """Something else has damaged model 2, so that model 1 is all there is until the next save."""
    keep(disk, copy_under(disk.root), "1", "2")
    with disk.doing("1"):
        model = next(path for path in (disk.root / COPY).glob("model-*") if b'"2"' in path.read_bytes())
        write_in_place(model, b"damaged")
    keep(disk, copy_under(disk.root), "3")


def repetition_after_names_were_not_synced(disk):
    """The pointer is replaced, but nobody knows whether it is on the disk; then the save is repeated."""
    copy = copy_under(disk.root)
    keep(disk, copy, "1", "2")
    disk.fails = once(lambda synced: synced.is_directory and last_named(disk, CURRENT))
    with suppress(StoreUnavailable):
        keep(disk, copy, "3")
    keep(disk, copy, "3")


def repetition_by_another_process(disk):
    copy = copy_under(disk.root)
    keep(disk, copy, "1", "2")
    disk.fails = once(lambda synced: synced.is_directory and last_named(disk, CURRENT))
    with suppress(StoreUnavailable):
        keep(disk, copy, "3")
    keep(disk, copy_under(disk.root), "3")


def repetition_after_a_file_was_not_synced(disk):
    copy = copy_under(disk.root)
    keep(disk, copy, "1", "2")
    disk.fails = once(lambda synced: not synced.is_directory and "model-" in synced.path.name)
    with suppress(StoreUnavailable):
        keep(disk, copy, "3")
    keep(disk, copy, "3")


SCENARIOS = [
    first_saves,
    return_to_an_earlier_one,
    saves_after_damage,
    repetition_after_names_were_not_synced,
    repetition_by_another_process,
    repetition_after_a_file_was_not_synced,
]


def once(condition: Condition) -> Condition:
    met = itertools.count()
    return lambda synced: condition(synced) and next(met) == 0


def last_named(disk: RecordedDisk, text: str) -> bool:
    """Whether the last name that was given holds `text`."""
    names = [
        name for each in disk.operations if isinstance(each, Named) for name, inode in each.changes.items() if inode
    ]
    return text in names[-1]


# The copy of the champion: what must be found.


def check_copy(state: AfterPowerCut, root: Path) -> None:
    last = state.acknowledged[-1] if state.acknowledged else None
    found = kept_under(root)
    if found not in {last, *state.begun}:
        raise Lost(f"{found} is found after {state.acknowledged} and then {state.begun}")

    if len(set(state.acknowledged)) > 1:
        current = root / COPY / CURRENT
        current.rename(root / "aside")
        if kept_under(root) not in state.acknowledged + state.begun:
            raise Lost("there is nothing to fall back to")
        (root / "aside").rename(current)

    copy_under(root).keep(VERSIONS["4"])
    if kept_under(root) != "4":
        raise Lost("life does not go on")


def kept_under(root: Path) -> str | None:
    try:
        snapshot = copy_under(root).snapshot(now=NOON)
    except EndeavourError as error:
        raise Lost(str(error)) from error
    if snapshot and snapshot.version != VERSIONS[snapshot.version.name]:
        raise Lost("it is not what was kept")
    return snapshot and snapshot.version.name


# Mutants: the protocol without one of its steps.


def no_sync_of_files(disk, patch):
    disk.forgets = lambda synced: not synced.is_directory


def no_sync_of_names(disk, patch):
    disk.forgets = lambda synced: synced.is_directory


def no_sync_of_names_between_model_and_pointer(disk, patch):
    disk.forgets = lambda synced: synced.is_directory and last_named(disk, "model-")


def no_sync_of_names_after_the_pointer(disk, patch):
    disk.forgets = lambda synced: synced.is_directory and last_named(disk, CURRENT)


def no_sync_of_the_way_to_the_directory(disk, patch):
    disk.forgets = lambda synced: synced.is_directory and synced.path.name != Path(COPY).name


def pointer_first(disk, patch):
    held_back = []

    def write(path, data):
        if path.name.startswith("model-"):
            held_back.append((path, data))
            return
        write_atomically(path, data)
        while held_back and path.name == CURRENT:
            write_atomically(*held_back.pop())

    patch.setattr(last_known_good, "write_atomically", write)


def in_place(disk, patch):
    patch.setattr(last_known_good, "write_atomically", write_in_place)


def pointer_in_place(disk, patch):
    def write(path, data):
        (write_in_place if path.name == CURRENT else write_atomically)(path, data)

    patch.setattr(last_known_good, "write_atomically", write)


def failed_sync_repeated_on_the_same_file(disk, patch):
    sync = disk.fsync

    def stubborn(descriptor):
        try:
            sync(descriptor)
        except OSError:
            sync(descriptor)

    patch.setattr(disk, "fsync", stubborn)


def what_is_found_taken_for_synced(disk, patch):
    found = property(lambda copy: copy._trusted(CURRENT), lambda copy, pointer: None)
    patch.setattr(FileLastKnownGood, "_on_disk", found, raising=False)


def damage_made_previous(disk, patch):
    patch.setattr(FileLastKnownGood, "_trusted", FileLastKnownGood._readable)


MUTANTS = [
    (no_sync_of_files, first_saves),
    (no_sync_of_names, first_saves),
    (no_sync_of_names_between_model_and_pointer, first_saves),
    (no_sync_of_names_after_the_pointer, first_saves),
    (no_sync_of_the_way_to_the_directory, first_saves),
    (pointer_first, first_saves),
    (in_place, first_saves),
    (pointer_in_place, first_saves),
    (failed_sync_repeated_on_the_same_file, repetition_after_a_file_was_not_synced),
    (what_is_found_taken_for_synced, repetition_after_names_were_not_synced),
    (what_is_found_taken_for_synced, repetition_by_another_process),
    (damage_made_previous, saves_after_damage),
]


def called(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=called)
def test_copy_is_the_old_or_the_new_after_any_power_cut(examine, scenario):
    assert examine(scenario, check_copy) > 40


@pytest.mark.parametrize(("mutant", "scenario"), MUTANTS, ids=called)
def test_copy_without_one_step_of_the_protocol_is_found_out(disk, examine, monkeypatch, mutant, scenario):
    mutant(disk, monkeypatch)

    with pytest.raises(Lost):
        examine(scenario, check_copy)


# The stores that keep models in files.

FORMATS = [CsvWeights, PickleWeights]


def saves_and_promotions(weight_format) -> Callable[[RecordedDisk], None]:
    def scenario(disk: RecordedDisk) -> None:
        store = FileModelStore(disk.root / STORE, weight_format())
        for slope, (name, replaced) in enumerate(zip(NAMES, (None, *NAMES), strict=False)):
            with disk.doing(f"save {name}"):
                assert store.save(a_model(float(slope)), a_lineage()).name == name
            with disk.doing(f"promote {name}"):
                store.promote(name, replacing=replaced, at=NOON)

    return scenario


def check_store(weight_format) -> Callable[[AfterPowerCut, Path], None]:
    def check(state: AfterPowerCut, root: Path) -> None:
        store = FileModelStore(root / STORE, weight_format())
        try:
            models = {name: store.load(name).model for name in store.versions()}
            champion = store.champion()
            saved = store.save(a_model(7.0), a_lineage())
            models_now = {name: store.load(name).model for name in store.versions()}
        except EndeavourError as error:
            raise Lost(str(error)) from error
        if any(model != a_model(float(NAMES.index(name))) for name, model in models.items()):
            raise Lost("a model is not what was saved")
        if not set(names_of("save", state.acknowledged)) <= set(models):
            raise Lost(f"{set(models)} are found after {state.acknowledged}")
        last = (None, *names_of("promote", state.acknowledged))[-1]
        if (champion and champion.name) not in {last, *names_of("promote", state.begun)}:
            raise Lost(f"{champion} is champion after {state.acknowledged} and then {state.begun}")
        if models_now != models | {saved.name: saved.model}:
            raise Lost("life does not go on")

    return check


def names_of(verb: str, words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.split()[1] for word in words if word.startswith(verb))


def no_sync_of_names_between_files(disk, patch):
    disk.forgets = lambda synced: synced.is_directory and (last_named(disk, "Z.csv") or last_named(disk, "Z.pkl"))


def everything_in_place(disk, patch):
    patch.setattr(model_store, "create_atomically", write_in_place)
    patch.setattr(model_store, "write_atomically", write_in_place)


@pytest.mark.parametrize("weight_format", FORMATS, ids=called)
def test_store_has_every_saved_model_and_the_champion_after_any_power_cut(examine, weight_format):
    assert examine(saves_and_promotions(weight_format), check_store(weight_format)) > 40


@pytest.mark.parametrize(
    "mutant", [no_sync_of_files, no_sync_of_names, no_sync_of_names_between_files, everything_in_place], ids=called
)
@pytest.mark.parametrize("weight_format", FORMATS, ids=called)
def test_store_without_one_step_of_the_protocol_is_found_out(disk, examine, monkeypatch, weight_format, mutant):
    mutant(disk, monkeypatch)

    with pytest.raises(Lost):
        examine(saves_and_promotions(weight_format), check_store(weight_format))
