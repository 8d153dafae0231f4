"""What the summary of a training job says of what the program said."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entrypoints.serving.program import INHERITED

SCRIPT = Path(__file__).parent.parent.parent / ".github" / "training_summary.py"


def summary(said):
    done = subprocess.run([sys.executable, SCRIPT], check=True, capture_output=True, text=True, input=said)
    return done.stdout


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What a real training says."""
    variables = {"ENDEAVOUR_STORE": "csv", "ENDEAVOUR_ARTIFACTS": str(tmp_path_factory.mktemp("artifacts"))}
    words = [sys.executable, "-m", "entrypoints", "train", "--json"]
    return subprocess.run(words, check=True, capture_output=True, text=True, env=INHERITED | variables).stdout


def test_summary_has_decision_reasons_scores_and_coefficients(said):
    training = json.loads(said)

    text = summary(said)

    assert text.startswith("### Version ")
    assert "is promoted\n" in text
    assert text.count("\n- ") == len(training["reasons"])
    assert f"| r2 | {training['scores']['r2']:.6g} |" in text
    assert f"| bmi | {training['coefficients']['bmi']:.6g} |" in text


def test_summary_says_that_a_model_was_refused_and_where_it_is_when_mlflow_is_away(said):
    text = summary(json.dumps(json.loads(said) | {"promoted": False, "kept_locally": True, "warning": "too few rows"}))

    assert "is not promoted\n" in text
    assert "MLflow could not be reached" in text
    assert "**Warning**: too few rows" in text


def test_names_from_the_data_stay_text(said):
    name = "a|b<img src=x>\n# [x](y) `c` **d**"
    text = summary(json.dumps(json.loads(said) | {"coefficients": {name: 1.0}, "reasons": [name]}))

    assert "| a\\|b\\<img src=x\\> \\# \\[x\\]\\(y\\) \\`c\\` \\*\\*d\\*\\* | 1 |" in text.splitlines()
    assert "\n- a\\|b\\<img" in text


@pytest.mark.parametrize("said", ["", "\n"])
def test_summary_of_nothing_says_so(said):
    assert summary(said).startswith("### Nothing was trained")
