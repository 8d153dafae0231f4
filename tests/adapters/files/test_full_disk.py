"""A disk that is full or may not be written to: the old model stays, and nothing is left lying about."""

import json
import subprocess
import sys

from tests.adapters.files.little_room import on_a_small_disk
from tests.adapters.files.saving import SAVINGS

PROGRAM = [sys.executable, "-m", "tests.adapters.files.filled_disk"]


def assert_no_harm_is_done(command: list[str]) -> None:
    finished = subprocess.run(command, capture_output=True, check=False, text=True)

    assert finished.returncode == 0, finished.stderr
    refusals = json.loads(finished.stdout)
    assert set(refusals) == set(SAVINGS)
    assert min(refusals.values()) > 0, "there was room for all"


def test_full_disk_leaves_the_old_or_the_new_and_a_repetition_mends_it(tmp_path):
    words = on_a_small_disk(tmp_path)

    # Without the right to mount, a limit on the size of files takes the disk's place.
    assert_no_harm_is_done([*words, *PROGRAM, str(tmp_path), "disk"] if words else [*PROGRAM, str(tmp_path), "limit"])


def test_limit_on_the_size_of_files_leaves_the_old_or_the_new_and_a_repetition_mends_it(tmp_path):
    assert_no_harm_is_done([*PROGRAM, str(tmp_path), "limit"])


def test_directory_that_may_not_be_written_to_leaves_the_old():
    program = [sys.executable, "-m", "tests.adapters.files.read_only_directory"]

    finished = subprocess.run(program, capture_output=True, check=False, text=True)

    assert finished.returncode == 0, finished.stderr
