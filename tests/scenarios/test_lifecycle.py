"""Life of a model over a real MLflow: trained, promoted, rolled back, and served after MLflow has ended."""

import json
import shutil
from functools import partial

import pytest

from tests.support.mlflow_server import running_server
from tests.support.program import run_command, wait_until

pytestmark = pytest.mark.e2e

BUNDLED = ("bundled", "bundled")
# By default the registry is asked every 2 s, a worker looks every 0.5 s, and 9 s of silence make the source `cache`.
SECONDS = 15


def endeavour(artifacts, uri, *words, cwd=None):
    """Run a command to its end and return what it prints as JSON."""
    done = run_command(*words, "--json", cwd=cwd, ENDEAVOUR_DATA_DIR=artifacts, MLFLOW_TRACKING_URI=uri)
    return json.loads(done.stdout)


def serve(ready, artifacts, uri, cwd=None):
    """Start a server over `artifacts`."""
    return ready(artifacts=artifacts, store="mlflow", environment={"MLFLOW_TRACKING_URI": uri}, cwd=cwd)


def served(program, times=12):
    """Return every version and source that answers, and every prediction of 0.2, over both workers."""
    answers = [program.ask("POST", "/stream", {"X": {"bmi": 0.2}}) for _ in range(times)]
    assert {status for status, _, _ in answers} == {200}
    places = {(headers["x-model-version"], headers["x-model-source"]) for _, headers, _ in answers}
    return places, {round(json.loads(body)["result"], 2) for _, _, body in answers}


@pytest.mark.slow
def test_model_is_trained_promoted_rolled_back_and_served_without_mlflow(tmp_path, ready, empty_mlflow_database):
    folder, artifacts = tmp_path / "mlflow", tmp_path / "host" / "artifacts"
    folder.mkdir()
    artifacts.parent.mkdir()
    shutil.copy(empty_mlflow_database, folder / "mlflow.db")

    with running_server(folder) as mlflow:
        program = serve(ready, artifacts, mlflow.uri)
        assert served(program) == ({BUNDLED}, {340.57})

        endeavour(artifacts, mlflow.uri, "train", "--holdout", "40")
        wait_until(lambda: served(program) == ({("1", "registry")}, {343.99}), SECONDS)

        assert endeavour(artifacts, mlflow.uri, "train")["promoted"]
        wait_until(lambda: served(program) == ({("2", "registry")}, {340.57}), SECONDS)

        endeavour(artifacts, mlflow.uri, "rollback")
        wait_until(lambda: served(program) == ({("1", "registry")}, {343.99}), SECONDS)

        witness = f"http://127.0.0.1:{program.port}"
        audit = partial(endeavour, artifacts, mlflow.uri, "audit", "verify", "--witness", witness)
        wait_until(lambda: audit()["witnesses"][0]["head"]["number"] == 3, 4 * SECONDS)  # each audit is a process
        assert (audit()["problems"], audit()["head"]) == ([], audit()["witnesses"][0]["head"])
        recorded = endeavour(artifacts, mlflow.uri, "history")
        assert [(entry["event"], entry["version"]) for entry in recorded] == [
            *(("promote", "1"), ("promote", "2"), ("rollback", "1")),
        ]

    wait_until(lambda: served(program) == ({("1", "cache")}, {343.99}), SECONDS)
    program.end()
    restarted = serve(ready, artifacts, mlflow.uri)
    assert served(restarted) == ({("1", "cache")}, {343.99})
    assert 'endeavour_ledger_head_info{hash="' in restarted.ask("GET", "/metrics")[2].decode()
    other_host = tmp_path / "other" / "artifacts"
    other_host.parent.mkdir()
    assert served(serve(ready, other_host, mlflow.uri)) == ({BUNDLED}, {340.57})


@pytest.mark.slow
def test_private_database_is_served_from_a_folder_of_hostile_modules(tmp_path, ready):
    artifacts, cwd = tmp_path / "artifacts", tmp_path / "cwd"
    uri = f"sqlite:///{artifacts}/mlflow.db"
    for name in ("application/__init__", "random", "secrets/__init__", "signal"):
        (cwd / name).parent.mkdir(parents=True, exist_ok=True)
        (cwd / f"{name}.py").write_text("raise SystemExit('a module of the current folder')")

    endeavour(artifacts, uri, "train", "--holdout", "40", cwd=cwd)

    program = serve(ready, artifacts, uri, cwd)

    wait_until(lambda: served(program, times=4) == ({("1", "registry")}, {343.99}), SECONDS)
    assert [path.name for path in artifacts.rglob("*") if path.stat().st_mode & 0o077] == []
