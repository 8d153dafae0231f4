"""How the words of a form become those of a command, and are no more than words."""

import json
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / ".github" / "train.sh"
SERVER = {"MLFLOW_TRACKING_URI": "http://mlflow.example"}


@pytest.fixture
def checkout(tmp_path):
    """A folder with a program that says which words it was given."""
    program = tmp_path / ".venv" / "bin" / "endeavour"
    program.parent.mkdir(parents=True)
    program.write_text("#!/usr/bin/env python3\nimport json, sys\njson.dump(sys.argv[1:], sys.stdout)\n")
    program.chmod(0o700)
    return tmp_path


@pytest.fixture
def run(checkout):
    def run(**variables):
        path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
        return subprocess.run([SCRIPT], check=False, capture_output=True, text=True, cwd=checkout, env=path | variables)

    return run


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, []),
        ({"DATA": "", "SETTINGS": ""}, []),
        ({"SETTINGS": "  "}, []),
        ({"DATA": "a b/*.parquet"}, ["--data", "a b/*.parquet"]),
        ({"SETTINGS": "--target price --holdout 0.2"}, ["--target", "price", "--holdout", "0.2"]),
        ({"DATA": "x.csv", "SETTINGS": "--target 'the price'"}, ["--data", "x.csv", "--target", "the price"]),
    ],
)
def test_words_are_parted_as_a_shell_parts_them(run, variables, words):
    done = run(**SERVER, **variables)

    assert json.loads(done.stdout) == ["train", "--json", *words]


@pytest.mark.parametrize(
    "word", ["$(touch made)", "`touch made`", "; touch made", "& touch made", "> made", "$HOME", "*"]
)
def test_words_are_never_run(run, checkout, word):
    done = run(**SERVER, DATA=word, SETTINGS=word)

    assert json.loads(done.stdout) == ["train", "--json", "--data", word, *word.split()]
    assert [path.name for path in checkout.iterdir()] == [".venv"]


def test_a_quote_that_is_open_is_refused(run):
    done = run(**SERVER, SETTINGS="--target 'price")

    assert done.returncode != 0
    assert done.stdout == ""


def test_a_missing_server_is_named(run):
    done = run(MLFLOW_TRACKING_URI="")

    assert done.returncode != 0
    assert "MLFLOW_TRACKING_URI" in done.stderr
