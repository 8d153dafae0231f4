"""Predictions of the stack before and after a training, and the environment of its services."""

import json

import orjson
import pytest

from tests.stack.asking import answers, served
from tests.support.program import requested

pytestmark = pytest.mark.stack

SERVICES = ("nginx", "web-1", "web-2", "mlflow", "postgres")


def test_bundled_model_answers_while_nothing_has_been_trained(bundled):
    assert {status for status, _, _ in bundled} == {200}
    assert {headers["x-model-source"] for _, headers, _ in bundled} == {"bundled"}
    assert orjson.loads(bundled[0][2])["result"] == pytest.approx(340.57, abs=0.01)


def test_services_have_no_password_in_their_environment(stack, secrets):
    password = (secrets / "postgres_password").read_text()

    assert [name for name in SERVICES if password in json.dumps(stack.state(name)["Config"])] == []


def test_training_promotes_and_both_replicas_serve_its_model_within_seconds(stack, trained):
    # The fixture has waited for ten seconds at most.
    assert trained["promoted"]
    assert served(stack) == {(trained["version"], "registry")}
    expected = trained["intercept"] + 0.2 * trained["coefficients"]["bmi"]
    # Both are the same sum; JSON keeps every bit.
    assert {orjson.loads(body)["result"] for _, _, body in answers(stack)} == {expected}


def test_job_scores_a_table_into_its_volume_and_finds_it_complete_when_run_again(stack, trained):
    words = ("predict", "--data", "/data/diabetes.csv", "--output", "/var/lib/endeavour/scored/diabetes")

    first, again = stack.endeavour(*words), stack.endeavour(*words)

    assert (first["version"], first["rows"], first["files"], first["kept_files"]) == (trained["version"], 442, 1, 0)
    assert (again["digest"], again["files"], again["kept_files"]) == (first["digest"], 1, 1)


def test_run_and_its_pictures_are_at_the_published_address_of_mlflow(stack, trained):
    run = f"run_id={trained['run_id']}"

    status, _, body = requested(stack.page, "GET", f"/api/2.0/mlflow/runs/get?{run}")
    picture = requested(stack.page, "GET", f"/get-artifact?path=plots/fit.png&{run}")[2]

    assert (status, orjson.loads(body)["run"]["info"]["status"]) == (200, "FINISHED")
    assert picture.startswith(b"\x89PNG")
