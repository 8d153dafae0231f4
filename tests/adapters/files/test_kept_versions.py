from dataclasses import replace

import pytest

from adapters.files.kept_versions import MAX_BYTES, FileKeptVersions
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel, ModelNotFound
from tests.support.examples import a_version


@pytest.fixture
def kept(tmp_path):
    return FileKeptVersions(tmp_path / "versions")


def test_version_is_read_by_another_process_until_it_is_not_retained(kept, tmp_path):
    with pytest.raises(ModelNotFound):
        kept.load("7")
    kept.retain([])
    kept.keep(a_version("7"))
    kept.keep(a_version("8", 3.0))

    assert FileKeptVersions(tmp_path / "versions").load("7") == a_version("7")
    (tmp_path / "versions" / ".7.abc.tmp").touch()
    kept.retain(["8"])

    assert {path.name for path in (tmp_path / "versions").iterdir()} == {"8", ".lock"}
    with pytest.raises(ModelNotFound, match="8"):
        kept.load("7")


def test_damaged_and_foreign_files_are_corrupt_models_and_no_name_leaves_the_folder(kept, tmp_path):
    kept.keep(a_version("7"))
    path = tmp_path / "versions" / "7"
    for data in (path.read_bytes().replace(b"bmi", b"bpm", 1), b"", b"x" * (MAX_BYTES + 1)):
        path.write_bytes(data)
        with pytest.raises(CorruptModel):
            kept.load("7")
    (tmp_path / "outside").write_bytes(b"")
    for name in ("../outside", "", "a/b", "x" * 65):
        with pytest.raises(ModelNotFound):
            kept.load(name)
        with pytest.raises(CorruptModel):
            kept.keep(a_version(name))


def test_version_that_is_too_large_is_not_kept(kept, tmp_path):
    version = a_version("7")
    settings = {f"setting {place}": "x" * 400 for place in range(MAX_BYTES // 400)}

    with pytest.raises(CorruptModel, match="larger than"):
        kept.keep(replace(version, lineage=replace(version.lineage, settings=settings)))

    assert not (tmp_path / "versions").exists()


def test_folder_that_cannot_be_written_is_reported(kept, tmp_path):
    (tmp_path / "versions").touch()

    with pytest.raises(StoreUnavailable, match="copies of versions"):
        kept.keep(a_version("7"))
