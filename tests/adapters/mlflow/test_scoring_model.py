"""Scoring model: registered versions predict in an MLflow without this project."""

import json
import subprocess
import sys

import numpy as np
import pytest

from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.mlflow_server import environment

ROWS = [[0.1, 0.2], [0.3, -0.4], [1e-3, 7.0]]

# The project may be installed in this environment, so it is hidden.
PREDICT = """
import json, sys
class Hidden:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("adapters", "application", "domain", "entrypoints", "tests"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden)
import mlflow, pandas
model = mlflow.pyfunc.load_model(f"models:/{sys.argv[1]}@champion")
table = pandas.DataFrame(json.loads(sys.argv[2]), columns=["bp", "bmi"])
print(json.dumps(model.predict(table).tolist()))
"""


@pytest.mark.integration
def test_load_model_predicts_to_the_last_bit_by_column_name(mlflow_server, open_store, model_name, tmp_path):
    store = open_store(mlflow_server.uri)
    saved = store.save(ModelVersion("", a_model(0.1 + 0.2, np.pi), a_lineage()))
    store.promote(saved.name, replacing=None, at=NOON)
    command = [sys.executable, "-P", "-c", PREDICT, model_name, json.dumps([row[::-1] for row in ROWS])]
    elsewhere = {"MLFLOW_TRACKING_URI": mlflow_server.uri, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"}

    finished = subprocess.run(
        command, cwd=tmp_path, env=environment() | elsewhere, capture_output=True, text=True, check=True
    )

    assert json.loads(finished.stdout) == saved.model.predict(np.array(ROWS)).tolist()
