"""Replica states: version and answers in the metrics of a server."""

import pytest

from adapters.prometheus.replica_states import PrometheusReplicaStates
from application.serving.current_model import CurrentModel
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.request_context import RequestContext
from entrypoints.observability.request_recorder import RequestRecorder
from tests.support.examples import a_model
from tests.support.mlflow.servers import answering
from tests.support.program import free_port
from tests.support.web.dependencies import served_models


@pytest.fixture
def metrics():
    """The metrics of a server that has answered three predictions, and another request."""
    aggregator, current_model = MetricsAggregator(), CurrentModel()
    current_model.replace(served_models(a_model()))
    recorder = RequestRecorder(aggregator, current_model)
    for route, rows in (("/stream", 1), ("/stream", 1), ("/batch", 9), ("/health", None)):
        context = RequestContext("id", "POST", route, 0.0, route=route, status="200")
        context.rows = rows
        recorder.end(context)
    recorder.flush()
    return aggregator


def read(text):
    with answering(lambda handler: handler.reply(200, text.encode())) as uri:
        (state,) = PrometheusReplicaStates([uri]).read()
    return state


def test_state_is_that_of_the_server(metrics):
    state = read(metrics.scrape("")[0].decode())

    assert (state.version, state.source, state.answers, state.problem) == ("7", "registry", 3, "")
    assert state.started == metrics.started_at


def test_server_without_a_model_has_no_version():
    state = read(MetricsAggregator().scrape("")[0].decode())

    assert (state.version, state.source, state.answers) == ("", "", 0)


@pytest.mark.parametrize(
    "text",
    [
        "up 1\n",
        "endeavour_started_seconds NaN\n",
        'endeavour_started_seconds 1\nendeavour_predictions_total{route="/a"} 1\n'
        'endeavour_http_requests_total{route="/a",status="200"} -1\n',
        "endeavour_started_seconds 1\n" * 5000,
    ],
)
def test_other_metrics_are_a_problem(text):
    assert read(text).problem == "its metrics are not those of this release of Endeavour"


def test_server_that_is_away_has_a_problem():
    (state,) = PrometheusReplicaStates([f"http://127.0.0.1:{free_port()}"]).read()

    assert "refused" in state.problem
