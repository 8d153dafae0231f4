"""Summary of a training job, made of the output of the command."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / ".github" / "training-summary.jq"
NAME = "a|b<img src=x>\n# [x](y) `c` **d**"
TRAINING = {
    "version": "7",
    "promoted": False,
    "reasons": [NAME],
    "kept_locally": True,
    "warning": "few rows",
    "warnings": [NAME],
    "left_out": {NAME: "numbers the rows"},
    "scores": {"r2": 0.5},
    "coefficients": {NAME: 1.5},
    "intercept": 2,
    "run_id": "r1",
    "stop_reason": "tol",
}


def summary(output):
    jq = shutil.which("jq") or pytest.skip("jq is not installed; GitHub's runners have it")
    words = [jq, "--null-input", "--raw-output", "--from-file", PROGRAM]
    return subprocess.run(words, check=True, capture_output=True, text=True, input=output).stdout.splitlines()


def test_summary_has_decision_scores_and_coefficients_and_names_from_the_data_stay_text():
    text, escaped = summary(json.dumps(TRAINING)), r"a\|b\<img src=x\> \# \[x\]\(y\) \`c\` \*\*d\*\*"

    assert text[:3] == ["### Version 7 is not promoted", "", f"- {escaped}"]
    assert text[3].startswith("- **MLflow could not be reached**")
    assert {"- **Warning**: few rows", f"- **Warning**: {escaped}", f"- left out: {escaped} numbers the rows"} <= set(
        text
    )
    assert {"| r2 | 0.5 |", f"| {escaped} | 1.5 |", r"| \(intercept\) | 2 |"} <= set(text)
    assert "### Version 7 is promoted" in summary(json.dumps(TRAINING | {"promoted": True}))


def test_summary_of_nothing_reports_that():
    assert summary("")[0] == "### Nothing was trained"
