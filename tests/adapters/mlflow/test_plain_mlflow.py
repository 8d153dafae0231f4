"""Registered models outside this project: in an MLflow that has never heard of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import pytest

from tests.examples import NOON, a_lineage, a_model
from tests.mlflow_server import end, environment, free_port, wait_until_healthy

ROWS = [[0.1, 0.2], [0.3, -0.4], [1e-3, 7.0]]

PREDICT = """
import json, sys
import mlflow, pandas
model = mlflow.pyfunc.load_model(f"models:/{sys.argv[1]}@champion")
table = pandas.DataFrame(json.loads(sys.argv[2]), columns=["bp", "bmi"])
print(json.dumps(model.predict(table).tolist()))
"""


# Python runs this first in every process; the project may be installed in this environment, so it is hidden.
SITE = """
import sys
class Hidden:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("adapters", "application", "domain", "entrypoints", "tests"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden)
"""


@pytest.fixture
def promoted(store):
    saved = store.save(a_model(0.1 + 0.2, np.pi), a_lineage())
    store.promote(saved.name, replacing=None, at=NOON)
    return saved.model


@pytest.fixture
def elsewhere(uri, tmp_path):
    """The environment of a process that finds MLflow, and nothing of this project."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE)
    return environment() | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # `models serve` looks for uvicorn there
        "PYTHONPATH": str(tmp_path / "site"),
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    }


@pytest.mark.integration
class TestOverHttp:
    def test_project_is_out_of_reach_in_these_tests(self, elsewhere, tmp_path):
        finished = subprocess.run(
            [sys.executable, "-P", "-c", "import domain"], cwd=tmp_path, env=elsewhere, capture_output=True, check=False
        )

        assert b"ModuleNotFoundError: domain" in finished.stderr

    @pytest.fixture
    def uri(self, mlflow_server):
        return mlflow_server.uri

    def test_load_model_predicts_to_the_last_bit_by_column_name(self, promoted, elsewhere, model_name, tmp_path):
        command = [sys.executable, "-P", "-c", PREDICT, model_name]
        swapped = [row[::-1] for row in ROWS]

        finished = subprocess.run(
            [*command, json.dumps(swapped)], cwd=tmp_path, env=elsewhere, capture_output=True, text=True, check=True
        )

        assert json.loads(finished.stdout) == promoted.predict(np.array(ROWS)).tolist()


@pytest.mark.integration
class TestOverSqlite:
    @pytest.mark.slow
    def test_models_serve_predicts_to_the_last_bit(self, promoted, elsewhere, model_name, tmp_path):
        port = free_port()
        where = ["--model-uri", f"models:/{model_name}@champion", "--env-manager", "local", "--port", str(port)]
        log = tmp_path / "serve.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mlflow", "models", "serve", *where],
                cwd=tmp_path, env=elsewhere, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/ping", process, log)
            body = json.dumps({"dataframe_split": {"columns": ["bmi", "bp"], "data": ROWS}}).encode()
            request = Request(  # the test's own http address
                f"http://127.0.0.1:{port}/invocations", body, {"Content-Type": "application/json"}
            )
            with urlopen(request, timeout=10) as answer:  # noqa: S310  # the test's own http address
                predictions = json.load(answer)["predictions"]
        finally:
            end(process)

        assert predictions == promoted.predict(np.array(ROWS)).tolist()
