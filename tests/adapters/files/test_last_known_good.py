import hashlib
import json
import os

import pytest

from adapters.files.last_known_good import FileLastKnownGood
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from tests.support.examples import a_version


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
    with pytest.raises(StoreUnavailable, match="no space is left"):
        kept.keep(a_version("7", slope=7.0))


OLD_POINTER = json.dumps({"schema": 1, "version": "7", "file": "model-0.json", "sha256": "0" * 64})
DAMAGED = ["", "{}", "null", "x" * 70_000, "0" * 64, "0" * 64 + "\n{}", "é" * 64, OLD_POINTER]


def test_f01_damaged_copy_gives_the_previous_model_until_the_next_writing(kept, root):
    for damage in DAMAGED:
        (root / "CURRENT").write_text(damage)
        before = {path: path.read_bytes() for path in root.iterdir()}

        assert served(root) == "6", damage
        assert {path: path.read_bytes() for path in root.iterdir()} == before
        kept.keep(a_version("7", slope=7.0))
        assert served(root) == "7", damage

    (root / "CURRENT").unlink()
    assert served(root) == "6"
    (root / "PREVIOUS").write_text("{}")
    with pytest.raises(CorruptModel) as caught:
        served(root)
    assert caught.value.version == "PREVIOUS"


def test_any_changed_byte_is_noticed(kept, root):
    data = (root / "CURRENT").read_bytes()
    for position in range(0, len(data), 5):
        (root / "CURRENT").write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        assert served(root) == "6"


def test_link_is_not_followed_and_a_pipe_not_waited_for(kept, root):
    (root / "CURRENT").rename(root.parent / "model")
    (root / "CURRENT").symlink_to(root.parent / "model")
    assert served(root) == "6"

    (root / "CURRENT").unlink()
    os.mkfifo(root / "CURRENT")
    assert served(root) == "6"


def test_first_model_that_is_not_a_record_is_an_error_though_its_digest_is_right(copy, root):
    root.mkdir()
    for content in (b"", b"{}", b"[]", b"7", b"\xff", b'{"name": 7}', b"[" * 5000):
        for data in (hashlib.sha256(content).hexdigest().encode() + b"\n" + content, content):
            (root / "CURRENT").write_bytes(data)
            with pytest.raises(CorruptModel):
                pytest.fail(f"{data} is {copy.champion()}")


def test_temporary_file_of_a_killed_writer_is_removed_and_a_young_one_is_not(copy, root):
    root.mkdir()
    for name, age in ((".old.tmp", 7200), (".young.tmp", 0)):
        (root / name).write_bytes(b"")
        os.utime(root / name, times=(os.stat(root).st_mtime - age,) * 2)  # noqa: PTH116  # a pair is needed

    copy.keep(a_version("7"))

    assert [path.name for path in root.glob(".*.tmp")] == [".young.tmp"]


def test_file_in_place_of_the_directory_is_reported(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnavailable):
        FileLastKnownGood(tmp_path / "file").keep(a_version("7"))
