"""MLflow's scoring protocol over HTTP: MLflow's own client, and recorded responses of `mlflow models serve`."""

import warnings
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from domain.model.model_version import ModelVersion
from entrypoints.web.protocols.mlflow_scoring.routes import PROTOCOL_VERSION
from tests.support.examples import NOON, a_lineage
from tests.support.program import Program
from tests.support.web.mlflow_scoring.answers import FLAWS, same
from tests.support.web.mlflow_scoring.deviations import DEVIATIONS, STATUSES, table_of_deviations, table_of_flaws
from tests.support.web.mlflow_scoring.real_mlflow import answers, recorded, serving
from tests.support.web.mlflow_scoring.replayed import CASES, MODELS, ONE, ROWS, TWO

RECORDED = recorded()
PAGE = Path(__file__).parents[2] / "docs" / "mlflow-scoring.md"


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def connect(ports):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
        from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    return lambda model: ScoringServerClient("127.0.0.1", ports[model])


@pytest.fixture(scope="module")
def ours(ports):
    return answers(ports)


@pytest.mark.e2e
@pytest.mark.xdist_group("mlflow-scoring")
class TestServed:
    def test_client_finds_the_server_ready_and_sends_tables_and_lists(self, connect):
        client = connect(TWO)
        client.wait_server_ready(timeout=5)
        assert client.get_version() == PROTOCOL_VERSION

        frame, times = pd.DataFrame(ROWS, columns=["bmi", "bp"]), pd.date_range("2026-01-01 10:00", periods=3)
        shuffled = frame[["bp", "bmi"]].assign(age=1, name=["a", "b", "c"])
        for table in (frame.set_axis(["a", "b", "c"]), frame.set_axis(times), shuffled, np.array(ROWS)):
            response = client.invoke(table, params={"unknown": 1})
            assert response.get_predictions("ndarray").tolist() == MODELS[TWO].predict(ROWS).tolist()
            assert response.get_predictions().shape == (3, 1)
        alone = connect(ONE).invoke([0.1, 0.2]).get_predictions("ndarray")
        assert alone.tolist() == MODELS[ONE].predict([[0.1], [0.2]]).tolist()

    def test_client_raises_the_error_of_the_server(self, connect):
        with pytest.raises(Exception, match=r"error code 400.*bp.*missing_field"):
            connect(TWO).invoke(pd.DataFrame({"bmi": [0.5]}))

    def test_status_and_numbers_are_mlflows(self, ours):
        others = {name: (ours[name], RECORDED[name]) for name in CASES if name not in STATUSES}

        assert {name: pair for name, pair in others.items() if not same(*pair)} == {}

    def test_deviation_is_as_it_is_listed(self, ours):
        assert {name: ours[name]["status"] for name in STATUSES} == STATUSES
        assert [name for name in STATUSES if same(ours[name], RECORDED[name])] == []

    def test_body_holds_nothing_that_it_should_not(self, ours):
        flawed = {name: answer["flaws"] for name, answer in ours.items() if answer.get("flaws")}

        assert flawed == {}


def test_page_lists_every_deviation_and_every_flaw_of_the_recording_once():
    page = PAGE.read_text(encoding="utf-8")

    assert list(RECORDED) == list(CASES)
    assert len(CASES) > 150
    assert len(STATUSES) == sum(len(deviation.cases) for deviation in DEVIATIONS)
    assert {flaw for answer in RECORDED.values() for flaw in answer.get("flaws", ())} == set(FLAWS)
    assert table_of_deviations(RECORDED) in page
    assert table_of_flaws(RECORDED) in page
    assert f"A table of {len(CASES)} requests" in page


@pytest.mark.integration
def test_protocol_is_that_of_the_mlflow_that_is_installed():
    assert version("mlflow") == PROTOCOL_VERSION


@pytest.mark.slow
@pytest.mark.integration
def test_recording_is_that_of_the_real_mlflow(tmp_path):
    with serving(tmp_path) as ports:
        theirs = answers(ports)

    assert [name for name in CASES if not same(theirs[name], RECORDED[name])] == []
    assert [name for name in CASES if theirs[name].get("flaws") != RECORDED[name].get("flaws")] == []
