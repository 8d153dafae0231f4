"""Training script: the inputs of a workflow become arguments of the command, and are never run."""

import json
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".github" / "train.sh"


@pytest.fixture
def run(tmp_path):
    """A function that runs the script beside a program that prints the words it was given."""
    program = tmp_path / ".venv" / "bin" / "endeavour"
    program.parent.mkdir(parents=True)
    program.write_text("#!/usr/bin/env python3\nimport json, sys\njson.dump(sys.argv[1:], sys.stdout)\n")
    program.chmod(0o700)

    def run(**variables):
        given = {"PATH": "/usr/local/bin:/usr/bin:/bin", "MLFLOW_TRACKING_URI": "http://mlflow.example"} | variables
        return subprocess.run([SCRIPT], check=False, capture_output=True, text=True, cwd=tmp_path, env=given)

    return run


@pytest.mark.parametrize(
    ("data", "settings", "words"),
    [
        ("", "", []),
        ("", "  ", []),
        ("a b/*.parquet", "--target 'the price'", ["--data", "a b/*.parquet", "--target", "the price"]),
        *(("", word, word.split()) for word in ("$(touch made)", "`touch made`", "; touch made", "> made", "$HOME *")),
    ],
)
def test_words_are_split_as_a_shell_splits_them_and_never_run(run, tmp_path, data, settings, words):
    done = run(DATA=data, SETTINGS=settings)

    assert json.loads(done.stdout) == ["train", "--json", *words]
    assert [path.name for path in tmp_path.iterdir()] == [".venv"]


def test_an_open_quote_and_a_missing_server_are_refused(run):
    for done in (run(SETTINGS="--target 'price"), run(MLFLOW_TRACKING_URI="")):
        assert done.returncode != 0
        assert done.stdout == ""
    assert "MLFLOW_TRACKING_URI" in done.stderr
