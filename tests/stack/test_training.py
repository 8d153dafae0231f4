"""Training in the stack: its promotion, and its run in MLflow."""

import json
from urllib.request import urlopen

import orjson
import pytest

from tests.stack.asking import answers, served

pytestmark = pytest.mark.stack


def read(stack, path):
    """Return what MLflow answers at its published address."""
    with urlopen(f"{stack.page}/{path}", timeout=20) as answer:  # noqa: S310  # the test's own address
        return answer.read()


def test_training_promotes_and_both_replicas_serve_its_model_within_seconds(stack, trained):
    # The fixture has waited for ten seconds at most.
    assert trained["promoted"]
    assert served(stack) == {(trained["version"], "registry")}
    expected = trained["intercept"] + 0.2 * trained["coefficients"]["bmi"]
    # Both are the same sum; JSON keeps every bit.
    assert {orjson.loads(body)["result"] for _, _, body in answers(stack)} == {expected}


def test_run_is_read_back_from_mlflow_with_its_artifacts(stack, trained):
    run = json.loads(read(stack, f"api/2.0/mlflow/runs/get?run_id={trained['run_id']}"))["run"]
    metrics = {metric["key"]: metric["value"] for metric in run["data"]["metrics"]}
    listed = json.loads(read(stack, f"api/2.0/mlflow/artifacts/list?run_id={trained['run_id']}"))["files"]

    assert run["info"]["status"] == "FINISHED"
    assert run["info"]["artifact_uri"].startswith("mlflow-artifacts:/")
    assert trained["scores"]["r2"] in metrics.values()
    pictures = [path for path in files(stack, trained["run_id"], listed) if path.endswith(".png")]
    assert pictures
    assert read(stack, f"get-artifact?path={pictures[0]}&run_id={trained['run_id']}").startswith(b"\x89PNG")


def files(stack, run_id, listed):
    """Return the paths of all files of the run."""
    for entry in listed:
        if entry.get("is_dir"):
            path = f"api/2.0/mlflow/artifacts/list?run_id={run_id}&path={entry['path']}"
            yield from files(stack, run_id, json.loads(read(stack, path)).get("files", []))
        else:
            yield entry["path"]
