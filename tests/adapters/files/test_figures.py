"""Figures file: what was kept is read, and a damaged file counts as none."""

import pytest

from adapters.files.figures import FIGURES, FiguresFile
from domain.errors import StoreUnavailable


def test_figures_are_kept_on_the_disk_and_a_damaged_file_counts_as_none(tmp_path):
    file = FiguresFile(tmp_path / "serving")
    assert file.content() is None

    file.keep(b"figures")

    assert FiguresFile(tmp_path / "serving").content() == b"figures"
    whole = (tmp_path / "serving" / FIGURES).read_bytes()
    for damaged in (b"", bytes(16 * 1024 * 1024 + 1), whole[:-1], whole + b"x", bytes(40)):
        (tmp_path / "serving" / FIGURES).write_bytes(damaged)
        assert file.content() == b""


def test_disk_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("in the way")

    assert FiguresFile(tmp_path / "file").content() is None
    with pytest.raises(StoreUnavailable, match="figures in"):
        FiguresFile(tmp_path / "file").keep(b"figures")
