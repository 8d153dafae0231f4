"""Saves under power cuts, kills and a full disk: the old or the new version is found, and no acknowledged one is lost.

The calls of a save are recorded. A power cut may leave each prefix of the record, with any part of what was not
synced; `kill -9` leaves the prefix itself. Mutants, which lack a step of the protocol, must fail the same check. Then
the disk is full from the Nth call on, N = 0, 1, 2, … until the save succeeds.
"""

import itertools
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.files import last_known_good, model_store
from adapters.files.csv_weights import CsvWeights
from adapters.files.digested_record import read
from adapters.files.last_known_good import CURRENT, MAX_BYTES, FileLastKnownGood
from adapters.files.model_store import FileModelStore
from adapters.files.pickle_weights import PickleWeights
from domain.errors import EndeavourError, StoreUnavailable
from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, a_lineage, a_model, a_version
from tests.support.files.power_cut import AfterPowerCut, after_power_cuts, without_power_cut
from tests.support.files.recorded_disk import Acknowledged, Begun, Named, RecordedDisk, Synced

COPY = "serving/registry"
VERSIONS = {name: a_version(name, slope=float(name)) for name in ("1", "2", "3", "4")}
STORE = "weights"
NAMES = ("20261123T120000.000000Z", "20261123T120000.000001Z")

Condition = Callable[[Synced], bool]


class Lost(AssertionError):
    """An acknowledged version is not found, or the next save fails."""


@pytest.fixture
def disk(tmp_path):
    root = tmp_path / "disk"
    root.mkdir()
    return RecordedDisk(root)


@pytest.fixture
def examine(disk, tmp_path, monkeypatch):
    """A function that runs a scenario, checks each state after a power cut, and returns how many there were."""

    def _examine(scenario, check) -> int:
        with disk.recording():
            scenario(disk)
        assert without_power_cut(disk.operations) == found_under(disk.root), "a call is missing from the record"
        monkeypatch.undo()  # the check must not use the writing of a mutant
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", lambda _: None)  # the checks write to a real disk, which is not under test
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


# Local copy of the champion: scenarios and check.


def keep(disk: RecordedDisk, copy: FileLastKnownGood, *names: str) -> None:
    for name in names:
        with disk.doing(name):
            copy.keep(VERSIONS[name])


def copy_under(root: Path) -> FileLastKnownGood:
    return FileLastKnownGood(root / COPY)


def saves(disk):
    """Three saves, the last of which returns to the first model."""
    keep(disk, copy_under(disk.root), "1", "2", "1")


def saves_after_damage(disk):
    """Model 2 is damaged, so that only model 1 is left until the next save."""
    keep(disk, copy_under(disk.root), "1", "2")
    with disk.doing("1"):
        write_in_place(disk.root / COPY / CURRENT, b"damaged")
    keep(disk, copy_under(disk.root), "3")


def repetition(
    condition: Callable[[RecordedDisk], Condition], *, other_process: bool
) -> Callable[[RecordedDisk], None]:
    """Return the scenario of a save that is repeated because its sync fails once."""

    def scenario(disk: RecordedDisk) -> None:
        copy, met = copy_under(disk.root), itertools.count()
        keep(disk, copy, "1", "2")
        disk.fails = lambda synced: condition(disk)(synced) and next(met) == 0
        with suppress(StoreUnavailable):
            keep(disk, copy, "3")
        keep(disk, copy_under(disk.root) if other_process else copy, "3")

    return scenario


def of_the_name(disk: RecordedDisk) -> Condition:
    return lambda synced: synced.is_directory and last_named(disk, CURRENT)


def of_the_model(disk: RecordedDisk) -> Condition:
    return lambda synced: not synced.is_directory and CURRENT in synced.path.name


def last_named(disk: RecordedDisk, text: str) -> bool:
    """Return whether the last name that was given contains `text`."""
    named = (change for each in reversed(disk.operations) if isinstance(each, Named) for change in each.changes.items())
    return text in next(name for name, inode in named if inode)


SCENARIOS = {
    "saves": saves,
    "saves after damage": saves_after_damage,
    "name not synced": repetition(of_the_name, other_process=False),
    "name not synced, other process": repetition(of_the_name, other_process=True),
    "model not synced": repetition(of_the_model, other_process=False),
}


def check_copy(state: AfterPowerCut, root: Path) -> None:
    last = state.acknowledged[-1] if state.acknowledged else None
    found = kept_under(root)
    if found not in {last, *state.begun}:
        raise Lost(f"{found} is found after {state.acknowledged} and then {state.begun}")
    if len(set(state.acknowledged)) > 1:
        current = root / COPY / CURRENT
        current.rename(root / "aside")
        if kept_under(root) not in state.acknowledged + state.begun:
            raise Lost("no version is left to fall back to")
        (root / "aside").rename(current)
    copy_under(root).keep(VERSIONS["4"])
    if kept_under(root) != "4":
        raise Lost("the next save fails")


def kept_under(root: Path) -> str | None:
    try:
        version = copy_under(root).champion()
    except EndeavourError as error:
        raise Lost(str(error)) from error
    if version and version != VERSIONS[version.name]:
        raise Lost("another version was kept")
    return version and version.name


# Stores that keep models in files: scenario and check.


def saves_and_promotions(weight_format) -> Callable[[RecordedDisk], None]:
    def scenario(disk: RecordedDisk) -> None:
        store = FileModelStore(disk.root / STORE, weight_format())
        for slope, (name, replaced) in enumerate(zip(NAMES, (None, *NAMES), strict=False)):
            with disk.doing(f"save {name}"):
                assert store.save(ModelVersion("", a_model(float(slope)), a_lineage())).name == name
            with disk.doing(f"promote {name}"):
                store.promote(name, replacing=replaced, at=NOON)

    return scenario


def check_store(weight_format) -> Callable[[AfterPowerCut, Path], None]:
    def check(state: AfterPowerCut, root: Path) -> None:
        store = FileModelStore(root / STORE, weight_format())
        try:
            models = {name: store.load(name).model for name in store.versions()}
            champion = store.champion()
            saved = store.save(ModelVersion("", a_model(7.0), a_lineage()))
            models_now = {name: store.load(name).model for name in store.versions()}
        except EndeavourError as error:
            raise Lost(str(error)) from error
        if any(model != a_model(float(NAMES.index(name))) for name, model in models.items()):
            raise Lost("a model differs from the saved one")
        if not set(names_of("save", state.acknowledged)) <= set(models):
            raise Lost(f"{set(models)} are found after {state.acknowledged}")
        last = (None, *names_of("promote", state.acknowledged))[-1]
        if (champion and champion.name) not in {last, *names_of("promote", state.begun)}:
            raise Lost(f"{champion} is champion after {state.acknowledged} and then {state.begun}")
        if models_now != models | {saved.name: saved.model}:
            raise Lost("the next save fails")

    return check


def names_of(verb: str, steps: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(step.split()[1] for step in steps if step.startswith(verb))


CASES = {name: (scenario, check_copy) for name, scenario in SCENARIOS.items()} | {
    "CSV store": (saves_and_promotions(CsvWeights), check_store(CsvWeights)),
    "pickle store": (saves_and_promotions(PickleWeights), check_store(PickleWeights)),
}


@pytest.mark.parametrize("case", CASES)
def test_f04_old_or_new_is_found_after_any_power_cut_and_any_kill(examine, case):
    assert examine(*CASES[case]) > 30


@pytest.mark.parametrize("case", ["saves", "CSV store", "pickle store"])
def test_f06_old_or_new_is_found_after_the_disk_was_full_from_any_call_on(tmp_path, case):
    scenario, check = CASES[case]
    for room in itertools.count():
        disk = RecordedDisk(tmp_path / str(room), room=room)
        disk.root.mkdir()
        descriptors = open_files()
        with disk.recording(), suppress(StoreUnavailable):
            scenario(disk)
        assert open_files() == descriptors
        assert list(disk.root.rglob(".*.tmp")) == []
        check(promised(disk), disk.root)
        if disk.room >= 0:
            break
    assert room > 20


def promised(disk: RecordedDisk) -> AfterPowerCut:
    """Return which steps the program has acknowledged, and which it has begun after them."""
    acknowledged = tuple(each.what for each in disk.operations if isinstance(each, Acknowledged))
    begun = [each.what for each in disk.operations if isinstance(each, Begun)]
    return AfterPowerCut({}, acknowledged, tuple(begun[len(acknowledged) :]))


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # Path.iterdir opens one more while it counts


# Mutants: the protocol without one of its steps.


def write_in_place(path: Path, data: bytes) -> None:
    """Empty the file and fill it again, which takes more than one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(descriptor, data)
    os.fsync(descriptor)
    os.close(descriptor)
    directory = os.open(path.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def no_sync_of_files(disk, patch):
    disk.skips = lambda synced: not synced.is_directory


def no_sync_of_names(disk, patch):
    disk.skips = lambda synced: synced.is_directory and synced.path.name in (Path(COPY).name, STORE)


def no_sync_of_the_way_to_the_directory(disk, patch):
    disk.skips = lambda synced: synced.is_directory and synced.path.name != Path(COPY).name


def in_place(disk, patch):
    patch.setattr(last_known_good, "write_atomically", write_in_place)
    patch.setattr(model_store, "create_atomically", write_in_place)


def found_file_taken_for_synced(disk, patch):
    found = property(lambda copy: copy._trusted(), lambda copy, data: None)
    patch.setattr(FileLastKnownGood, "_on_disk", found, raising=False)


def damage_made_previous(disk, patch):
    patch.setattr(FileLastKnownGood, "_trusted", lambda copy: read(copy._root / CURRENT, MAX_BYTES))


MUTANTS = [
    (no_sync_of_files, "saves"),
    (no_sync_of_names, "saves"),
    (no_sync_of_the_way_to_the_directory, "saves"),
    (in_place, "saves"),
    (found_file_taken_for_synced, "name not synced"),
    (damage_made_previous, "saves after damage"),
    (no_sync_of_files, "CSV store"),
    (no_sync_of_names, "CSV store"),
    (in_place, "CSV store"),
]


@pytest.mark.parametrize(("mutant", "case"), MUTANTS, ids=lambda value: getattr(value, "__name__", value))
def test_f04_protocol_without_one_of_its_steps_fails_the_check(disk, examine, monkeypatch, mutant, case):
    mutant(disk, monkeypatch)

    with pytest.raises(Lost):
        examine(*CASES[case])
