import subprocess
import sys

import pytest

from adapters.host.whole_file import make_directories, remove_abandoned, whole_file

KILLED = """
import os, signal, sys
from pathlib import Path
from adapters.host.whole_file import whole_file
with whole_file(Path(sys.argv[1])) as path:
    path.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def interrupted(path):
    with whole_file(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt


def test_file_appears_whole_or_stays_as_it_was(tmp_path):
    path = tmp_path / "rows"

    with whole_file(path) as temporary:
        temporary.write_text("first")
        assert not path.exists()
    with pytest.raises(KeyboardInterrupt):
        interrupted(path)

    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_and_what_a_running_one_writes_is_not(tmp_path):
    subprocess.run([sys.executable, "-c", KILLED, tmp_path / "rows"], check=False)
    kept = tmp_path / ".rows.old.tmp"
    kept.touch()
    assert len(list(tmp_path.iterdir())) == 2

    with whole_file(tmp_path / "others") as temporary:
        remove_abandoned(tmp_path)
        assert set(tmp_path.iterdir()) == {temporary, kept}


def test_directories_are_made_below_each_other_and_may_exist(tmp_path):
    for _ in range(2):
        make_directories(tmp_path / "a" / "b")

    assert (tmp_path / "a" / "b").is_dir()
