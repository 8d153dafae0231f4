"""Drift route: the rows that a server has answered, compared with the training rows of its champion."""

from dataclasses import replace

import numpy as np
import pytest

from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.distributions import Distributions
from domain.monitoring.errors import FiguresUnavailable
from entrypoints.web.app import create_app
from tests.support.examples import a_version
from tests.support.web.dependencies import web_dependencies

TRAINING = np.random.default_rng(0).normal(0.0, 0.05, size=(2_000, 1))


@pytest.fixture
def web():
    version = a_version("7")
    version = replace(version, distributions=Distributions.of(version.model, TRAINING, 0))
    web = web_dependencies()
    web.current_model.replace(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))
    return web


@pytest.fixture
def client(web):
    return create_app(web).test_client()


def answer(web, client, values):
    """Have the server answer the values, as many in each second as it counts."""
    sampler = web.request_recorder._drift
    for start in range(0, len(values), 8):
        assert client.post("/batch", json={"X": values[start : start + 8].tolist()}).status_code == 200
        sampler._counted_at = 0.0
        web.request_recorder.flush()


def test_server_without_requests_has_no_rows(client):
    drift = client.get("/drift").json

    assert (drift["version"], drift["training_rows"], drift["rows"], drift["since"]) == ("7", 1750, 0, None)
    assert [(column["name"], column["verdict"]) for column in drift["columns"]] == [
        ("bmi", "no rows"),
        ("(prediction)", "no rows"),
    ]
    assert "endeavour_drift_rows{" not in client.get("/metrics").text


def test_rows_that_differ_from_the_training_rows_are_drift(web, client):
    answer(web, client, TRAINING[:200, 0] + 0.05)

    drift, metrics = client.get("/drift").json, client.get("/metrics").text

    assert drift["rows"] == 200
    assert drift["drifted"] == ["bmi", "(prediction)"]
    assert drift["columns"][0]["change"].startswith("more values from ")
    assert drift["since"].endswith("+00:00")
    assert 'endeavour_drift_detected{feature="bmi"} 1.0' in metrics
    assert 'endeavour_drift_rows{version="7"} 200.0' in metrics
    assert metrics.count("endeavour_drift_bin_rows{") > 10


def test_rows_like_the_training_rows_are_none(web, client):
    answer(web, client, TRAINING[:200, 0])

    assert client.get("/drift").json["drifted"] == []
    assert 'endeavour_drift_detected{feature="bmi"} 0.0' in client.get("/metrics").text


def test_version_without_distributions_has_no_columns(client, web):
    web.current_model.replace(ServedModels(ServedModel(a_version("8"), ModelOrigin.REGISTRY)))

    drift = client.get("/drift").json

    assert (drift["version"], drift["columns"], drift["rows"]) == ("8", [], 0)
    assert client.get("/metrics").status_code == 200


def test_counts_that_cannot_be_read_and_no_model_are_503(web, mocker):
    log = mocker.Mock(read=mocker.Mock(side_effect=FiguresUnavailable("the drift of this host", "it is torn")))
    torn = create_app(replace(web, report_drift=replace(web.report_drift, log=log))).test_client()

    response = torn.get("/drift")

    assert (response.status_code, response.json["code"]) == (503, "unreadable")
    response = create_app(web_dependencies()).test_client().get("/drift")
    assert (response.status_code, response.json["code"]) == (503, "no_model")
