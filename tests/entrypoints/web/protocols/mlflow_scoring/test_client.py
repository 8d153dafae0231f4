"""MLflow's own client, unchanged, against the serving program."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import RestException

from entrypoints.web.protocols.mlflow_scoring.routes import PROTOCOL_VERSION
from tests.support.web.mlflow_scoring.replayed import MODELS, ONE, ROWS, TWO, posted

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("mlflow-scoring")]


@pytest.fixture(scope="module")
def connect(ports):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
        from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    return lambda model: ScoringServerClient("127.0.0.1", ports[model])


@pytest.fixture
def mlflow_client(connect):
    return connect(TWO)


def predictions(response):
    return response.get_predictions("ndarray").tolist()


def test_client_finds_the_server_ready(mlflow_client):
    mlflow_client.wait_server_ready(timeout=5)

    assert mlflow_client.get_version() == PROTOCOL_VERSION


def test_client_sends_a_data_frame(mlflow_client):
    table = pd.DataFrame(ROWS, columns=["bmi", "bp"], index=["a", "b", "c"])

    response = mlflow_client.invoke(table)

    assert predictions(response) == MODELS[TWO].predict(ROWS).tolist()
    assert response.get_predictions().shape == (3, 1)


def test_client_sends_columns_in_another_order_and_more_of_them(mlflow_client):
    table = pd.DataFrame({"age": [1, 2], "bp": [3, 4], "name": ["a", "b"], "bmi": [0.5, 0.6]})

    response = mlflow_client.invoke(table, params={"unknown": 1})

    assert predictions(response) == MODELS[TWO].predict([[0.5, 3], [0.6, 4]]).tolist()


def test_client_sends_times_as_index(mlflow_client):
    table = pd.DataFrame(ROWS, columns=["bmi", "bp"], index=pd.date_range("2026-01-01 10:00", periods=3))

    assert predictions(mlflow_client.invoke(table)) == MODELS[TWO].predict(ROWS).tolist()


def test_client_sends_arrays_and_lists(connect, mlflow_client):
    assert predictions(mlflow_client.invoke(np.array(ROWS))) == MODELS[TWO].predict(ROWS).tolist()
    assert predictions(connect(ONE).invoke([0.1, 0.2])) == MODELS[ONE].predict([[0.1], [0.2]]).tolist()


def test_client_raises_the_error_of_the_server(mlflow_client):
    with pytest.raises(Exception, match=r"error code 400.*bp.*missing_field"):
        mlflow_client.invoke(pd.DataFrame({"bmi": [0.5]}))


def test_error_is_one_that_mlflow_can_raise(two_features):
    case = posted({"inputs": {"bmi": [1]}})

    error = RestException(json.loads(two_features.post("/invocations", data=case.body).data))

    assert error.error_code == "INVALID_PARAMETER_VALUE"
    assert error.get_http_status_code() == 400
    assert "bp" in str(error)
