"""Controllers of a rollout that are killed before each of their writes, in a folder and in a real MLflow server."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.mark.parametrize(
    ("kind", "writes"), [("csv", 25), pytest.param("mlflow", 25, marks=pytest.mark.xdist_group("mlflow"))]
)
def test_r03_killed_controller_changes_no_end_of_a_rollout(tmp_path, request, kind, writes):
    place = "csv" if kind == "csv" else request.getfixturevalue("mlflow_server").uri
    program = [sys.executable, "-m", "tests.support.rollout_kills", place, str(tmp_path)]
    # With one thread, the program may fork.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}

    finished = subprocess.run(program, capture_output=True, env=environment, text=True, check=False)

    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout) > writes, "the controllers were killed less often than they write"
