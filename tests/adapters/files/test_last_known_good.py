"""The copy on disk: replaced whole, trusted only if it is what was written, and never lost to a failed write."""

import hashlib
import json
import os

import pytest

from adapters.files.last_known_good import FileLastKnownGood
from domain.errors import BrokenModel, StoreUnavailable
from tests.examples import a_version


@pytest.fixture
def root(tmp_path):
    return tmp_path / "serving"


@pytest.fixture
def copy(root):
    return FileLastKnownGood(root)


@pytest.fixture
def kept(copy, root):
    """The copy of version 7, with version 6 to fall back to."""
    for name in ("6", "7"):
        copy.keep(a_version(name, slope=float(name)))
    return copy


def served(root):
    """Return the name of the version that another process reads."""
    version = FileLastKnownGood(root).champion()
    return version and version.name


def model(root, name):
    return next(path for path in root.glob("model-*.json") if json.loads(path.read_bytes())["name"] == name)


def test_new_copy_is_empty_and_reading_makes_no_directory(copy, root):
    assert copy.champion() is None
    assert not root.exists()


def test_kept_champion_is_read_to_the_last_bit_and_for_its_owner_only(copy, root):
    champion = a_version("7", slope=0.1 + 0.2)

    copy.keep(champion)

    assert FileLastKnownGood(root).champion() == champion
    assert all(path.stat().st_mode & 0o077 == 0 for path in (root, *root.iterdir()))


def test_keeping_the_same_champion_again_checks_that_the_disk_can_be_written(kept, root, mocker):
    before = {path: path.stat().st_mtime_ns for path in root.iterdir()}

    kept.keep(a_version("7", slope=7.0))

    assert {path: path.stat().st_mtime_ns for path in root.iterdir()} == before
    mocker.patch("os.fsync", autospec=True, side_effect=OSError(28, "No space left on device"))
    with pytest.raises(StoreUnavailable, match="No space left"):
        kept.keep(a_version("7", slope=7.0))


def test_copy_in_the_format_of_earlier_versions_is_read_and_replaced(kept, root):
    digest = (root / "CURRENT").read_text()
    file = f"model-{digest[:32]}.json"
    old = {
        "checksum": "0" * 64,
        "file": file,
        "generation": 3,
        "schema": 1,
        "sha256": digest,
        "size": 9,
        "version": "7",
    }
    (root / "CURRENT").write_text(json.dumps(old))

    assert served(root) == "7"
    FileLastKnownGood(root).keep(a_version("7", slope=7.0))
    assert (root / "CURRENT").read_text() == digest


DAMAGED = ["", "{}", "null", "[" * 5000, "{" * 5000, "x" * 70_000, "../" * 20 + "0123", "0" * 64, "é" * 64]


@pytest.mark.parametrize("damage", DAMAGED, ids=lambda damage: damage[:8])
def test_damaged_pointer_gives_the_previous_model_until_the_next_writing(kept, root, damage):
    (root / "CURRENT").write_text(damage)
    before = {path: path.read_bytes() for path in root.iterdir()}

    assert served(root) == "6"
    assert {path: path.read_bytes() for path in root.iterdir()} == before
    kept.keep(a_version("7", slope=7.0))
    assert served(root) == "7"
    (root / "CURRENT").unlink()
    assert served(root) == "6"


def test_any_changed_byte_of_model_and_pointer_is_noticed(kept, root):
    for path in (model(root, "7"), root / "CURRENT"):
        data = path.read_bytes()
        for position in range(0, len(data), 5):
            path.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
            assert served(root) == "6"
        path.write_bytes(data)


def test_links_are_not_followed_and_pipes_not_waited_for(kept, root):
    current = model(root, "7")
    current.rename(root.parent / "model.json")
    current.symlink_to(root.parent / "model.json")
    assert served(root) == "6"

    (root / "CURRENT").unlink()
    os.mkfifo(root / "CURRENT")
    assert served(root) == "6"


@pytest.mark.parametrize("content", [b"{}", b"[]", b"7", b"\xff", b'{"name": 7}'])
def test_first_model_that_is_broken_is_an_error_though_its_digest_is_right(copy, root, content):
    digest = hashlib.sha256(content).hexdigest()
    root.mkdir()
    (root / f"model-{digest[:32]}.json").write_bytes(content)
    (root / "CURRENT").write_text(digest)

    with pytest.raises(BrokenModel):
        copy.champion()


def test_only_the_last_four_models_stay_and_no_abandoned_temporary_file(copy, root):
    root.mkdir()
    for name, age in ((".old.tmp", 7200), (".young.tmp", 0)):
        (root / name).write_bytes(b"")
        os.utime(root / name, times=(os.stat(root).st_mtime - age,) * 2)  # noqa: PTH116  # a pair is needed

    for number in range(8):
        copy.keep(a_version(str(number), slope=float(number)))

    models = [json.loads(path.read_bytes())["name"] for path in root.glob("model-*.json")]
    assert sorted(models) == ["4", "5", "6", "7"]
    assert [path.name for path in root.glob(".*.tmp")] == [".young.tmp"]


def test_place_that_is_no_directory_is_reported(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnavailable):
        FileLastKnownGood(tmp_path / "file").keep(a_version("7"))


def test_reader_that_comes_too_late_for_a_model_looks_again(copy, root, monkeypatch):
    copy.keep(a_version("1", slope=1.0))
    real, delays = os.open, iter([True])

    def delayed(path, flags, *args, **kwargs):
        if "model-" in str(path) and next(delays, False):
            monkeypatch.undo()
            for number in range(2, 8):
                copy.keep(a_version(str(number), slope=float(number)))
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", delayed)

    assert served(root) == "7"
