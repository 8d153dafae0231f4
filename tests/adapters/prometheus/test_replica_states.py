"""Replica states: version and prediction requests in the metrics of a server."""

import pytest

from adapters.prometheus import replica_states
from adapters.prometheus.replica_states import PrometheusReplicaStates
from application.serving.current_model import CurrentModel
from domain.monitoring.traffic import Traffic
from entrypoints.observability import traffic_metrics
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.request_context import RequestContext
from entrypoints.observability.request_recorder import RequestRecorder
from tests.support.examples import a_model
from tests.support.mlflow.servers import answering
from tests.support.monitoring import traffic
from tests.support.program import free_port
from tests.support.web.dependencies import served_models

NAMED = "/v2/models/<name>/infer"


@pytest.fixture
def metrics():
    """The metrics of a server that has answered three of five prediction requests, and another request."""
    aggregator, current_model = MetricsAggregator(), CurrentModel()
    current_model.replace(served_models(a_model()))
    recorder = RequestRecorder(aggregator, current_model)
    aggregator.add({("host_info", "web-2"): 1})
    requests = (("/stream", 1, "200"), ("/stream", 1, "200"), ("/batch", 9, "200"), ("/health", None, "200"))
    for route, rows, status in (*requests, (NAMED, None, "503"), ("/explain", None, "422")):
        context = RequestContext("id", "POST", route, 0.0, route=route, status=status, seconds=0.25)
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

    assert (state.version, state.source, state.host, state.problem) == ("7", "registry", "web-2", "")
    assert state.traffic == traffic(5, bucket=10, failed=1, refused=1, rows=11, seconds=1.25)
    assert state.started == metrics.started_at


def test_routes_are_those_whose_traffic_a_host_counts():
    assert set(replica_states.PREDICTION_ROUTES) == traffic_metrics.PREDICTION_ROUTES


def test_server_without_a_model_has_no_version():
    state = read(MetricsAggregator().scrape("")[0].decode())

    assert (state.version, state.source, state.traffic) == ("", "", Traffic())


@pytest.mark.parametrize(
    "text",
    [
        "up 1\n",
        "endeavour_started_seconds NaN\n",
        'endeavour_started_seconds 1\nendeavour_predictions_total{route="/batch"} 1\n'
        'endeavour_http_requests_total{route="/batch",status="200"} -1\n',
        "endeavour_started_seconds 1\n" * 5000,
    ],
)
def test_other_metrics_are_a_problem(text):
    assert read(text).problem == "its metrics are not those of this release of Endeavour"


def test_server_that_is_away_has_a_problem():
    (state,) = PrometheusReplicaStates([f"http://127.0.0.1:{free_port()}"]).read()

    assert "refused" in state.problem
