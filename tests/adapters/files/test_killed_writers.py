"""Two writers are killed at random while two readers read: nothing acknowledged is lost, and no half is ever seen."""

import json
import os
import random
import subprocess
import sys

import pytest


def kill(root, kills: int, seed: int, way: str) -> dict[str, object]:
    print(f"seed {seed}")  # noqa: T201  # pytest shows it if the test fails
    program = [sys.executable, "-m", "tests.adapters.files.killed_writers", str(root), str(kills), str(seed), way]
    # One thread, so that the program may fork.
    finished = subprocess.run(program, capture_output=True, check=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    return json.loads(finished.stdout)


def assert_all_is_well(seen) -> None:
    assert (seen["wrong"], seen["wrong reads"]) == (0, 0), seen
    assert seen["acknowledged"] > seen["kills"] / 20, "the writers were killed before they could do anything"
    assert seen["reads"] > seen["kills"]


def test_killed_writers_lose_nothing_and_readers_see_no_half(tmp_path):
    assert_all_is_well(kill(tmp_path / "copy", 150, seed=20261123, way="atomic"))


def test_files_written_in_place_are_found_damaged(tmp_path):
    seen = kill(tmp_path / "copy", 80, seed=20261123, way="in-place")

    assert seen["wrong"] + seen["wrong reads"] > 0


@pytest.mark.soak
def test_ten_thousand_kills_lose_nothing_and_readers_see_no_half(tmp_path):
    seen = kill(tmp_path / "copy", 10_000, seed=random.SystemRandom().randrange(2**32), way="atomic")

    print(seen)  # noqa: T201  # for who runs it by hand
    assert_all_is_well(seen)
