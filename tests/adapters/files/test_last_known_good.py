"""The copy on disk: replaced whole, believed only if it is what was written, and never lost to a failed write."""

import json
import os
from datetime import timedelta

import pytest

from adapters.files.last_known_good import FileLastKnownGood
from domain.errors import BrokenModel, StoreUnavailable
from domain.snapshot import Snapshot, Source
from tests.adapters.files.little_room import little_room
from tests.examples import NOON, a_version

CONFIRMED_FOR = 10.0


@pytest.fixture
def root(tmp_path):
    return tmp_path / "serving"


@pytest.fixture
def copy(root):
    return FileLastKnownGood(root, CONFIRMED_FOR)


@pytest.fixture
def second(root):
    """The copy as another process sees it."""
    return FileLastKnownGood(root, CONFIRMED_FOR)


def served(copy, after=0.0):
    snapshot = copy.snapshot(now=NOON + timedelta(seconds=after))
    return snapshot and (snapshot.version.name, snapshot.source)


def leftovers(root):
    return list(root.glob(".*.tmp"))


def models(root):
    return sorted(root.glob("model-*.json"))


def test_new_copy_is_empty(copy, root):
    assert copy.snapshot(now=NOON) is None
    assert not root.exists()


def test_kept_champion_is_read_to_the_last_bit(copy, second):
    champion = a_version("7", slope=0.1 + 0.2)

    copy.keep(champion)

    assert second.snapshot(now=NOON) == Snapshot(champion, Source.CACHE)


def test_champion_counts_as_confirmed_for_as_long_as_it_was_said(copy, second):
    copy.keep(a_version("7"))
    copy.note(heard_at=NOON, problem=None)

    assert served(second) == ("7", Source.REGISTRY)
    assert served(second, after=CONFIRMED_FOR) == ("7", Source.REGISTRY)
    assert served(second, after=CONFIRMED_FOR + 0.1) == ("7", Source.CACHE)
    assert served(second, after=-CONFIRMED_FOR - 0.1) == ("7", Source.CACHE)


def test_problem_withdraws_the_confirmation(copy, second):
    copy.keep(a_version("7"))
    copy.note(heard_at=NOON, problem=None)

    copy.note(heard_at=NOON, problem="it does not answer")

    assert served(second) == ("7", Source.CACHE)


def test_word_about_another_model_confirms_nothing(copy, second):
    copy.keep(a_version("7"))
    copy.note(heard_at=NOON, problem=None)

    copy.keep(a_version("8", slope=2.0))

    assert served(second) == ("8", Source.CACHE)


def test_word_before_any_champion_confirms_nothing(copy, second):
    copy.note(heard_at=NOON, problem=None)
    assert served(second) is None

    copy.keep(a_version("7"))

    assert served(second) == ("7", Source.CACHE)


@pytest.mark.parametrize(
    "word", [b"", b"{", b"[]", b"null", b'{"heard_at": 1, "about": null, "problem": null}', b"\xff"]
)
def test_damaged_word_confirms_nothing(copy, root, word):
    copy.keep(a_version("7"))
    (root / "LAST_WORD").write_bytes(word)

    assert served(copy) == ("7", Source.CACHE)


def test_keeping_the_same_champion_again_writes_nothing(copy, root):
    copy.keep(a_version("7"))
    before = {path: path.stat().st_mtime_ns for path in root.iterdir()}

    copy.keep(a_version("7"))

    assert {path: path.stat().st_mtime_ns for path in root.iterdir()} == before


def test_keeping_mends_a_damaged_file(copy, second, root):
    copy.keep(a_version("7"))
    models(root)[0].write_bytes(b"{}")

    copy.keep(a_version("7"))

    assert served(second) == ("7", Source.CACHE)


def test_only_the_last_four_models_stay(copy, root):
    for number in range(8):
        copy.keep(a_version(str(number), slope=float(number)))

    assert sorted(json.loads(path.read_bytes())["name"] for path in models(root)) == ["4", "5", "6", "7"]
    assert served(copy) == ("7", Source.CACHE)


def test_abandoned_temporary_file_is_removed_and_a_young_one_is_not(copy, root):
    copy.keep(a_version("1"))
    for name, age in ((".old.tmp", 7200), (".young.tmp", 0)):
        (root / name).write_bytes(b"")
        os.utime(root / name, times=(os.stat(root).st_mtime - age,) * 2)  # noqa: PTH116  # a pair is needed

    copy.keep(a_version("2", slope=2.0))

    assert [path.name for path in leftovers(root)] == [".young.tmp"]


def test_any_changed_byte_of_the_model_is_noticed(copy, root):
    copy.keep(a_version("6", slope=6.0))
    copy.keep(a_version("7", slope=7.0))
    current = next(path for path in models(root) if b'"7"' in path.read_bytes())
    data = current.read_bytes()

    for position in range(len(data)):
        current.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])

        assert served(FileLastKnownGood(root, CONFIRMED_FOR)) == ("6", Source.CACHE)


@pytest.mark.parametrize("damage", [b"", b"{}", b"[" * 5000, b"null", b"x" * 70_000])
def test_damaged_pointer_gives_the_previous_model(copy, second, root, damage):
    copy.keep(a_version("6", slope=6.0))
    copy.keep(a_version("7", slope=7.0))
    copy.note(heard_at=NOON, problem=None)
    (root / "CURRENT").write_bytes(damage)

    assert served(second) == ("6", Source.CACHE)


def test_pointer_out_of_the_directory_is_not_followed(copy, second, root):
    copy.keep(a_version("7"))
    outside = root.parent / "model.json"
    models(root)[0].rename(outside)
    (root / "CURRENT").write_text((root / "CURRENT").read_text().replace('"model-', '"../model-'))

    with pytest.raises(BrokenModel):
        second.snapshot(now=NOON)


def test_link_is_not_followed(copy, second, root):
    copy.keep(a_version("7"))
    (model,) = models(root)
    model.rename(root.parent / "model.json")
    model.symlink_to(root.parent / "model.json")

    with pytest.raises(BrokenModel):
        second.snapshot(now=NOON)


def test_first_model_that_is_broken_is_an_error_and_never_a_model(copy, second, root):
    copy.keep(a_version("7"))
    models(root)[0].write_bytes(b"{}")

    with pytest.raises(BrokenModel):
        second.snapshot(now=NOON)


def test_readers_change_nothing(copy, second, root):
    copy.keep(a_version("6", slope=6.0))
    copy.keep(a_version("7", slope=7.0))
    (root / "CURRENT").write_bytes(b"damaged")
    before = {path: path.read_bytes() for path in root.iterdir()}

    second.snapshot(now=NOON)

    assert {path: path.read_bytes() for path in root.iterdir()} == before


def test_files_are_for_their_owner_alone(copy, root):
    copy.keep(a_version("7"))
    copy.note(heard_at=NOON, problem=None)

    assert root.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in root.iterdir())


def test_place_that_is_no_directory_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    copy = FileLastKnownGood(tmp_path / "file", CONFIRMED_FOR)

    with pytest.raises(StoreUnavailable):
        copy.keep(a_version("7"))
    with pytest.raises(StoreUnavailable):
        copy.note(heard_at=NOON, problem=None)


def test_full_disk_leaves_the_old_word_and_no_rubbish(copy, second, root):
    copy.keep(a_version("6"))
    copy.note(heard_at=NOON, problem=None)

    with little_room(100), pytest.raises(StoreUnavailable):
        copy.note(heard_at=NOON, problem="x" * 200)

    assert served(second) == ("6", Source.REGISTRY)
    assert leftovers(root) == []


def test_any_changed_byte_of_the_pointer_is_noticed(copy, root):
    copy.keep(a_version("6", slope=6.0))
    copy.keep(a_version("7", slope=7.0))
    data = (root / "CURRENT").read_bytes()

    for position in range(len(data)):
        (root / "CURRENT").write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])

        assert served(FileLastKnownGood(root, CONFIRMED_FOR)) == ("6", Source.CACHE)


@pytest.mark.parametrize("damage", [b"", b"{}", b"x" * 70_000, None])
def test_keeping_mends_a_damaged_pointer_and_leaves_the_previous_model(copy, root, damage):
    copy.keep(a_version("6", slope=6.0))
    copy.keep(a_version("7", slope=7.0))
    (root / "CURRENT").unlink()
    if damage is None:
        (root / "CURRENT").symlink_to(root / "PREVIOUS")
    else:
        (root / "CURRENT").write_bytes(damage)

    copy.keep(a_version("7", slope=7.0))

    assert served(copy) == ("7", Source.CACHE)
    (root / "CURRENT").unlink()
    assert served(copy) == ("6", Source.CACHE)


def test_word_can_be_noted_while_the_pointer_is_damaged(copy, root):
    copy.keep(a_version("7"))
    (root / "CURRENT").write_bytes(b"x" * 70_000)

    copy.note(heard_at=NOON, problem="it does not answer")

    assert json.loads((root / "LAST_WORD").read_bytes())["about"] is None


@pytest.mark.parametrize("name", ["CURRENT", "PREVIOUS", "LAST_WORD"])
def test_reader_does_not_wait_for_a_pipe(copy, second, root, name):
    copy.keep(a_version("6", slope=6.0))
    copy.keep(a_version("7", slope=7.0))
    (root / name).unlink(missing_ok=True)
    os.mkfifo(root / name)

    assert served(second) == ("6" if name == "CURRENT" else "7", Source.CACHE)


def test_reader_that_comes_too_late_for_a_model_looks_again(copy, second, root, monkeypatch):
    copy.keep(a_version("1", slope=1.0))
    real, delays = os.open, iter([True])

    def delayed(path, flags, *args, **kwargs):
        if "model-" in str(path) and next(delays, False):
            monkeypatch.undo()
            for number in range(2, 8):
                copy.keep(a_version(str(number), slope=float(number)))
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", delayed)

    assert served(second) == ("7", Source.CACHE)


def test_repetition_after_an_error_writes_everything_again(copy, root, monkeypatch):
    copy.keep(a_version("6", slope=6.0))
    real, pointer = os.fsync, root / "CURRENT"
    before = pointer.read_bytes()

    def failing(descriptor):
        if pointer.read_bytes() != before:
            raise OSError(5, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StoreUnavailable):
        copy.keep(a_version("7", slope=7.0))
    monkeypatch.undo()
    inodes = {path.name: path.stat().st_ino for path in [pointer, *models(root)]}

    copy.keep(a_version("7", slope=7.0))

    changed = [path for path in [pointer, *models(root)] if path.stat().st_ino != inodes[path.name]]
    assert len(changed) == 2
    assert served(copy) == ("7", Source.CACHE)


def test_generation_grows_with_every_writing_whoever_writes(copy, second, root):
    generations = []
    for writer, name in ((copy, "1"), (second, "1"), (copy, "2"), (second, "1"), (copy, "1")):
        writer.keep(a_version(name, slope=float(name)))
        generations.append(json.loads((root / "CURRENT").read_bytes())["generation"])

    assert generations == [1, 2, 3, 4, 5]
