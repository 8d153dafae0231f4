import gc
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from adapters.tables import csv_dialect, csv_spool
from domain.errors import BadCell, UnreadableData
from tests.adapters.tables.writing import csv_files, spool
from tests.contracts.rows import a_long_table, collected, whole

# Bytes that a file may have in the test of a full disk.
FULL = 64 * 1024
ON_A_FULL_DISK = f"""
import resource, signal, sys
from pathlib import Path
from adapters.tables.csv_spool import spooled
from domain.errors import UnreadableData
resource.setrlimit(resource.RLIMIT_FSIZE, ({FULL}, {FULL}))
try:
    spooled([Path(sys.argv[1])], ["row", "a", "b", "y"])
except UnreadableData as error:
    print(error)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Return the directory where temporary files go."""
    path = tmp_path / "tmp"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


@pytest.fixture
def text(tmp_path):
    def write(content):
        path = tmp_path / "table.csv"
        path.write_text(content)
        return [path]

    return write


def test_copy_holds_the_numbers_to_the_last_bit(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_dialect, "READ_BYTES", 4096)
    table = a_long_table(1000)

    rows = spool(csv_files(tmp_path, table), features=table.feature_names)

    assert len(rows.stretches[0].groups) > 5
    assert collected(rows).tobytes() == whole(table).tobytes()


def test_copy_is_removed_with_the_rows_and_all_their_parts(text, temporary):
    rows = spool(text("a,y\n1,2\n3,4\n"))
    part = rows.where(lambda first, count, total: np.ones(count, bool), chosen=True)

    del rows
    gc.collect()
    assert len(list(temporary.iterdir())) == 1
    assert len(collected(part)) == 2

    del part
    gc.collect()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("cell", ["", "abc", "nan", "5,6"])
def test_copy_is_removed_after_an_error(text, temporary, cell):
    with pytest.raises((BadCell, UnreadableData)):
        spool(text(f"a,y\n1,2\n3,{cell}\n"))

    assert list(temporary.iterdir()) == []


def test_copy_is_removed_when_interrupted(text, temporary, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(csv_spool, "read_footer", interrupt)

    with pytest.raises(KeyboardInterrupt):
        spool(text("a,y\n1,2\n"))

    assert list(temporary.iterdir()) == []


def test_copy_is_removed_when_the_program_ends(text, temporary):
    paths = text("a,y\n1,2\n")
    program = (
        "import sys, pathlib; from adapters.tables.csv_spool import spooled; "
        "kept = spooled([pathlib.Path(sys.argv[1])], ['a', 'y']); print(kept[0].directory); raise SystemExit(3)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, paths[0]],
        env={"TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 3, ended.stderr
    assert ended.stdout.startswith(str(temporary))
    assert list(temporary.iterdir()) == []


def test_full_disk_is_told_with_what_to_do(tmp_path, temporary):
    path = csv_files(tmp_path, a_long_table(20_000))[0]

    ended = subprocess.run(
        [sys.executable, "-c", ON_A_FULL_DISK, path],
        env={"TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(f"cannot read the data {path}: ")
    assert f"does not fit into {temporary}" in ended.stdout
    assert "set TMPDIR" in ended.stdout
    assert list(temporary.iterdir()) == []


def test_missing_temporary_directory_is_told_with_what_to_do(text, temporary):
    temporary.rmdir()

    with pytest.raises(UnreadableData, match="set TMPDIR"):
        spool(text("a,y\n1,2\n"))


def test_row_of_another_length_is_named_with_its_file(text):
    with pytest.raises(UnreadableData, match=r"table\.csv: .*Row #3: Expected 2 columns, got 3"):
        spool(text("a,y\n1,2\n3,4,5\n"))


def test_copy_that_is_removed_by_others_is_told(text, temporary):
    rows = spool(text("a,y\n1,2\n"))
    next(temporary.rglob("*.parquet")).unlink()

    with pytest.raises(UnreadableData, match=r"table\.csv: no such file"):
        collected(rows)


def test_fingerprint_tells_values_apart_that_leave_range_and_size_as_they_are(text):
    prints = [spool(text(f"a,y\n1,0\n{middle},0\n9,0\n")).fingerprint for middle in (3, 4, 3)]

    assert prints[0] != prints[1]
    assert prints[0] == prints[2]
