import gc
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from adapters.pyarrow import csv_files as module
from adapters.pyarrow import csv_spool
from domain.data.errors import InvalidData, UnreadableData
from tests.contracts.rows import a_long_table, collected, whole
from tests.support.tables import csv_files, spooled

# Bytes that a file may have in the test of a full disk.
FULL = 64 * 1024
PROGRAM = """
import resource, sys
from pathlib import Path
from domain.data.errors import UnreadableData
from tests.support.tables import spooled
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
try:
    rows = spooled([Path(sys.argv[1])], "y", ["row", "a", "b"])
    print(rows.keeps.directory)
except UnreadableData as error:
    print(error)
raise SystemExit(3)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Return the directory where temporary files go."""
    path = tmp_path / "tmp"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


@pytest.fixture
def spool(tmp_path):
    def write(content):
        path = tmp_path / "table.csv"
        path.write_text(content)
        return spooled([path], "y", ("a",))

    return write


def test_copy_holds_the_numbers_to_the_last_bit(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "READ_BYTES", 4096)
    table = a_long_table(1000)

    rows = spooled(csv_files(tmp_path, table), "y", table.feature_names)

    assert len(rows.row_group_runs[0].groups) > 5
    assert collected(rows).tobytes() == whole(table).tobytes()


def test_copy_is_removed_with_the_rows_and_all_their_parts(spool, temporary):
    rows = spool("a,y\n1,2\n3,4\n")
    part = rows.parts(lambda first, count, total: np.ones(count, bool))[1]

    del rows
    gc.collect()
    assert len(list(temporary.iterdir())) == 1
    assert len(collected(part)) == 2

    del part
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_copy_is_removed_after_an_error_and_when_interrupted(spool, temporary, mocker):
    for cell in ("inf", "5,6"):
        with pytest.raises(InvalidData, match=r"table\.csv"):
            spool(f"a,y\n1,2\n3,{cell}\n")
        assert list(temporary.iterdir()) == []

    mocker.patch.object(csv_spool, "read_footer", autospec=True, side_effect=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        spool("a,y\n1,2\n")
    assert list(temporary.iterdir()) == []


def test_copy_is_removed_when_the_program_ends_and_a_full_disk_is_reported(tmp_path, temporary):
    path = csv_files(tmp_path, a_long_table(20_000))[0]
    for max_bytes, texts in ((-1, ()), (FULL, (str(path), "set TMPDIR"))):
        program = [sys.executable, "-c", PROGRAM, path, str(max_bytes)]

        ended = subprocess.run(program, env={"TMPDIR": str(temporary)}, capture_output=True, text=True, check=False)

        assert ended.returncode == 3, ended.stderr
        assert all(text in ended.stdout for text in (str(temporary), *texts))
        assert list(temporary.iterdir()) == []


def test_missing_temporary_directory_is_reported_with_what_to_do(spool, temporary):
    temporary.rmdir()

    with pytest.raises(UnreadableData, match="set TMPDIR"):
        spool("a,y\n1,2\n")


def test_copy_that_another_program_removed_is_reported(spool, temporary):
    rows = spool("a,y\n1,2\n")
    next(temporary.rglob("*.parquet")).unlink()

    with pytest.raises(UnreadableData, match=r"table\.csv: no such file"):
        collected(rows)


def test_fingerprint_differs_where_values_do_even_if_range_and_size_are_equal(spool):
    prints = [spool(f"a,y\n1,0\n{middle},0\n9,0\n").fingerprint for middle in (3, 4, 3)]

    assert prints[0] != prints[1]
    assert prints[0] == prints[2]
