"""Procedures of docs/operations.md: rollback, backup, a new password, keys."""

import json
import os
import shlex
import subprocess

import pytest

from tests.stack.asking import ROW, served
from tests.stack.conftest import new_stack
from tests.stack.engine import ROOT, compose_words
from tests.support.program import requested, wait_until

pytestmark = pytest.mark.stack


def script(stack, name, *words):
    """Run a script of the folder docker/ on the stack."""
    files = [word for file in stack.files for word in ("--file", file)]
    compose = shlex.join([*compose_words(), "--project-name", stack.name, *files])
    env = {**os.environ, **stack.variables, "COMPOSE": compose}
    subprocess.run([ROOT / "docker" / name, *words], check=True, cwd=ROOT, env=env)


def is_served(stack, name):
    return served(stack, times=8) == {(name, "registry")}


def test_rollback_is_served_within_seconds(stack, trained):
    second = stack.endeavour("train", "--features", "bp")["version"]
    stack.compose("run", "--rm", "-T", "train", "promote", second, "--allow-feature-change")
    wait_until(lambda: is_served(stack, second), seconds=15, every=0.5)

    stack.compose("run", "--rm", "-T", "train", "rollback")

    wait_until(lambda: is_served(stack, trained["version"]), seconds=15, every=0.5)


def test_backup_brings_back_what_was_there_and_nothing_newer(stack, trained, tmp_path):
    before = stack.endeavour("models")
    script(stack, "backup.sh", tmp_path / "backup")
    lost = stack.endeavour("train", "--holdout", "0.3", "--seed", "7")["version"]
    stack.compose("run", "--rm", "-T", "train", "promote", lost)
    wait_until(lambda: is_served(stack, lost), seconds=15, every=0.5)
    stack.compose("exec", "-T", "mlflow", "sh", "-c", "rm -r /var/lib/endeavour/state/*")

    newer = "create table newer (id int references experiments (experiment_id))"
    stack.compose("exec", "-T", "postgres", "psql", "--username", "mlflow", "--command", newer)

    script(stack, "restore.sh", tmp_path / "backup")

    gone = ["psql", "--username", "mlflow", "--tuples-only", "--command", "select to_regclass('newer') is null"]
    assert stack.compose("exec", "-T", "postgres", *gone).strip() == "t"

    stack.wait_until_healthy("mlflow")
    wait_until(lambda: is_served(stack, trained["version"]), seconds=30, every=0.5)
    assert stack.endeavour("models") == before
    # Its weights are among the artifacts.
    assert "340.566" in stack.compose("run", "--rm", "-T", "train", "predict", "0.2")


def test_password_of_the_database_is_changed_without_a_failed_prediction_and_data_survive_down_and_up(
    stack, trained, secrets
):
    old = (secrets / "postgres_password").read_text()
    (secrets / "postgres_password").unlink()
    subprocess.run([ROOT / "docker" / "secrets.sh", secrets], check=True)
    new = (secrets / "postgres_password").read_text()

    stack.compose("exec", "-T", "postgres", "psql", "--username", "mlflow", given=f"ALTER ROLE mlflow PASSWORD '{new}'")
    stack.compose("up", "--detach", "--no-build", "--force-recreate", "--no-deps", "postgres", "mlflow")
    assert new != old
    assert {name for name, _ in served(stack)} == {trained["version"]}

    stack.compose("down", "--timeout", "10")
    assert stack.leftovers()["container"] == ""
    stack.start("nginx", "mlflow", seconds=120)

    # The copies on the replicas' own disks answer before MLflow does.
    assert {name for name, _ in served(stack)} == {trained["version"]}
    stack.wait_until_healthy("mlflow")
    wait_until(lambda: is_served(stack, trained["version"]), seconds=30, every=0.5)


def test_published_to_the_world_it_asks_for_keys(images, secrets):
    stack = new_stack(images, secrets, ENDEAVOUR_ADVERTISED_ADDRESS="0.0.0.0")  # noqa: S104  # that is the point
    with stack.removed():
        stack.compose("up", "--detach", "--no-build", "nginx", check=False)
        wait_until(lambda: "there is no key in" in stack.compose("logs", "web-1"), seconds=30, every=1)
        assert stack.compose("ps", "-q", "nginx") == ""

        key = stack.compose("run", "--rm", "-T", "keys", "add", "shop").split()[-1]
        stack.wait_until_healthy("web-1", "web-2")  # the engine starts them again, after longer and longer pauses
        stack.start("nginx")

        status, _, body = requested(stack.port, "POST", "/stream", ROW)
        assert (status, json.loads(body)["code"]) == (401, "unauthorized")
        assert requested(stack.port, "POST", "/stream", ROW, X_API_Key=key)[0] == 200
        assert requested(stack.port, "GET", "/livez")[0] == 200

        stack.compose("run", "--rm", "-T", "keys", "revoke", key.partition(".")[0])
        wait_until(lambda: requested(stack.port, "POST", "/stream", ROW, X_API_Key=key)[0] == 401, seconds=5, every=0.2)
