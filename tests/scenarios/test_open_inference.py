"""The Open Inference Protocol over real HTTP, as a client that knows nothing but the protocol uses it."""

from datetime import UTC, datetime

import numpy as np
import orjson
import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage
from tests.support.program import Program, wait_until

pytestmark = pytest.mark.e2e

FEATURES = tuple(f"f{number}" for number in range(10))
MODEL = "/v2/models/endeavour"


def a_model(seed: int) -> LinearModel:
    return LinearModel(np.random.default_rng(seed).normal(size=10), 0.5, FEATURES)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    artifacts = tmp_path_factory.mktemp("inference") / "artifacts"
    store = FileModelStore(artifacts / "weights", CsvWeights())
    store.artifacts = artifacts
    store.promote(store.save(ModelVersion("", a_model(0), a_lineage())).name, replacing=None, at=datetime.now(UTC))
    return store


@pytest.fixture(scope="module")
def program(store):
    program = Program(store.artifacts)
    program.wait_until_ready()
    yield program
    program.clean_up()


def get(program, path):
    status, headers, body = program.ask("GET", path)
    assert headers["content-type"] == "application/json"
    return status, orjson.loads(body)


def test_client_finds_its_way_from_the_server_to_a_prediction(program):
    assert get(program, "/v2")[1]["name"] == "endeavour"
    assert get(program, "/v2/health/live") == (200, {"live": True})
    assert get(program, "/v2/health/ready") == (200, {"ready": True})
    assert get(program, f"{MODEL}/ready") == (200, {"name": "endeavour", "ready": True})
    metadata = get(program, MODEL)[1]
    (matrix,) = metadata["inputs"]
    (version,) = metadata["versions"]
    request = {
        "id": "42",
        "inputs": [{**matrix, "parameters": {}, "shape": [1, 10], "data": [0.5] * 10}],
        "outputs": [{"name": metadata["outputs"][0]["name"]}],
    }

    status, headers, body = program.ask("POST", f"{MODEL}/versions/{version}/infer", request)

    told = orjson.loads(body)
    assert (status, told["id"], told["model_version"]) == (200, "42", version)
    assert (headers["content-type"], headers["x-model-version"]) == ("application/json", version)
    assert told["outputs"][0]["shape"] == [1]


def test_promoted_version_is_found_and_the_one_before_is_not_any_more(program, store):
    before = store.history().champion
    after = store.save(ModelVersion("", a_model(1), a_lineage())).name
    store.promote(after, replacing=before, at=datetime.now(UTC))

    def everywhere() -> bool:
        """Each worker has its own snapshot: 20 connections reach both."""
        return all(program.ask("GET", f"{MODEL}/versions/{after}/ready")[0] == 200 for _ in range(20))

    wait_until(everywhere)
    assert program.ask("POST", f"{MODEL}/versions/{before}/infer", {})[0] == 404
    assert get(program, MODEL)[1]["versions"] == [after]
