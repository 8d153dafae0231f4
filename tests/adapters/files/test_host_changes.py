import pytest

from adapters.files import host_changes
from adapters.files.host_changes import CHANGES, FileHostChanges
from domain.errors import StoreUnavailable
from tests.contracts.host_changes import HostChangesContract
from tests.support.monitoring import a_change


class TestFileHostChanges(HostChangesContract):
    @pytest.fixture(autouse=True)
    def quick(self, mocker):
        mocker.patch.object(host_changes, "write_atomically", side_effect=lambda path, data: path.write_bytes(data))

    @pytest.fixture
    def changes(self, tmp_path):
        return FileHostChanges(tmp_path / "serving")


def test_changes_outlive_their_writer_and_a_damaged_file_counts_as_none(tmp_path):
    FileHostChanges(tmp_path).add(a_change())
    assert FileHostChanges(tmp_path).read() == (a_change(),)

    for damaged in (b"", b"[", b"7", b"[{}]", b"\xff"):
        (tmp_path / CHANGES).write_bytes(damaged)
        assert FileHostChanges(tmp_path).read() == ()


def test_file_is_parsed_when_it_has_changed(tmp_path, mocker):
    changes = FileHostChanges(tmp_path)
    changes.add(a_change())
    assert changes.read() == (a_change(),)
    parse = mocker.spy(host_changes, "change_from")

    assert changes.read() == (a_change(),)
    assert not parse.called
    FileHostChanges(tmp_path).add(a_change(1))
    assert changes.read() == (a_change(), a_change(1))


def test_disk_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreUnavailable, match="changes of this host"):
        FileHostChanges(tmp_path / "file" / "serving").add(a_change())
