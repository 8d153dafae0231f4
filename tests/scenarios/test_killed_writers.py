"""Files whose writer is killed at random moments while another process reads."""

import os
import random
import subprocess
import sys

import pytest


@pytest.mark.parametrize("kind", ["copy", "status"])
@pytest.mark.parametrize("kills", [100, pytest.param(10_000, marks=pytest.mark.soak)])
def test_f05_killed_writers_lose_no_acknowledged_version_and_readers_find_no_part(tmp_path, kind, kills):
    seed = 20261123 if kills == 100 else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  # pytest shows it if the test fails
    program = [sys.executable, "-m", "tests.support.files.killed_writers", str(tmp_path), kind, str(kills), str(seed)]
    # With one thread, the program may fork.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}

    finished = subprocess.run(program, capture_output=True, check=True, env=environment)

    assert int(finished.stdout) > kills / 10, "the writers were killed before they wrote"
