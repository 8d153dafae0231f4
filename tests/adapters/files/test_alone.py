"""One mirror of a host at a time, without writing anything, and never for ever."""

import subprocess
import sys
import time

from adapters.files.alone import alone

HOLDER = """
import sys, time
from pathlib import Path
from adapters.files.alone import alone
with alone(Path(sys.argv[1]), 1):
    print("inside", flush=True)
    sys.stdin.read()
"""


def hold(directory):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"inside\n"
    return holder


def test_c15_second_process_enters_when_the_first_has_left(tmp_path):
    holder = hold(tmp_path)
    began = time.monotonic()
    with alone(tmp_path, 0.3):
        waited = time.monotonic() - began
    holder.communicate()

    began = time.monotonic()
    with alone(tmp_path, 5):
        free = time.monotonic() - began

    assert waited >= 0.3
    assert free < 1


def test_c15_killed_process_holds_nothing(tmp_path):
    holder = hold(tmp_path)
    holder.kill()
    holder.communicate()

    began = time.monotonic()
    with alone(tmp_path, 5):
        assert time.monotonic() - began < 1


def test_c13_place_that_cannot_be_opened_keeps_nobody_out(tmp_path):
    (tmp_path / "file").write_text("")

    with alone(tmp_path / "file" / "below", 5):
        entered = True

    assert entered


def test_nothing_is_written(tmp_path):
    with alone(tmp_path / "new", 5):
        pass

    assert list((tmp_path / "new").iterdir()) == []
