"""Drift before a training job: the comparison never stops the job, and its summary is made of the command's output."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".github"
NAME = "a|b<img src=x>\n# [x](y)"
COLUMN = {"name": NAME, "psi": 0.31236, "expected_psi": 0.02, "verdict": "drifted", "change": f"more '{NAME}' (3 %)"}
DRIFT = {
    "version": "7",
    "rows": 500,
    "training_rows": 421,
    "drifted": [NAME],
    "columns": [COLUMN, COLUMN | {"name": "quiet", "verdict": "as in training"}],
}


def summary(output):
    jq = shutil.which("jq") or pytest.skip("jq is not installed; GitHub's runners have it")
    words = [jq, "--null-input", "--raw-output", "--from-file", FOLDER / "drift-summary.jq"]
    return subprocess.run(words, check=True, capture_output=True, text=True, input=output).stdout.splitlines()


@pytest.fixture
def run(tmp_path):
    """A function that runs the script beside a program with an exit code, which prints the words it was given."""
    program = tmp_path / ".venv" / "bin" / "endeavour"
    program.parent.mkdir(parents=True)

    def run(code, **variables):
        program.write_text(
            f"#!/usr/bin/env python3\nimport json, sys\njson.dump(sys.argv[1:], sys.stdout)\nsys.exit({code})\n"
        )
        program.chmod(0o700)
        given = {"PATH": "/usr/local/bin:/usr/bin:/bin"} | variables
        return subprocess.run(
            [FOLDER / "drift.sh"], check=False, capture_output=True, text=True, cwd=tmp_path, env=given
        )

    return run


@pytest.mark.parametrize("code", [0, 3, 5])
def test_job_goes_on_after_any_comparison(run, code):
    done = run(code, DATA="a b/*.parquet")

    assert done.returncode == 0
    assert json.loads(done.stdout) == ["drift", "--json", "--data", "a b/*.parquet"]


def test_default_data_are_those_of_the_default_training(run):
    assert (FOLDER.parent / json.loads(run(0, DATA="").stdout)[-1]).is_file()


def test_summary_lists_columns_that_differ_and_names_from_the_data_stay_text():
    text, escaped = summary(json.dumps(DRIFT)), r"a\|b\<img src=x\> \# \[x\]\(y\)"

    assert text[0] == f"### Drift in {escaped}"
    assert text[2] == "500 rows beside 421 training rows of version 7."
    assert f"| {escaped} | 0.312 | 0.02 | drifted | more '{escaped}' \\(3 %\\) |" in text
    assert not any("quiet" in line for line in text)
    assert summary(json.dumps(DRIFT | {"drifted": []}))[0] == "### No column has drifted"


def test_summary_of_nothing_reports_that():
    assert summary("")[0] == "### Drift was not examined"
