"""Endeavour, serving both models in processes of their own."""

from contextlib import ExitStack

import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, a_lineage
from tests.support.program import Program
from tests.support.web.mlflow_scoring.replayed import MODELS


@pytest.fixture(scope="package")
def ports(tmp_path_factory):
    """Return the port of each model's server."""
    with ExitStack() as programs:
        started = {}
        for name, model in MODELS.items():
            artifacts = tmp_path_factory.mktemp(name) / "artifacts"
            store = FileModelStore(artifacts / "weights", CsvWeights())
            store.promote(store.save(ModelVersion("", model, a_lineage())).name, replacing=None, at=NOON)
            started[name] = Program(artifacts, workers=1)
            programs.callback(started[name].clean_up)
        for program in started.values():
            program.wait_until_ready()
        yield {name: program.port for name, program in started.items()}
