"""Traffic metrics: each prediction request counts for the version that answered, or that failed to."""

from collections import defaultdict

import pytest

from adapters.memory.traffic_log import InMemoryTrafficLog
from application.serving.current_model import CurrentModel
from application.serving.predict_rows import predict_rows
from domain.access.api_key import Role as KeyRole
from domain.delivery.labels import ErrorSums, LabelCounts
from domain.delivery.routing import Role
from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.monitoring.traffic import Traffic
from domain.ports import MINUTES
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.request_context import RequestContext
from entrypoints.observability.request_recorder import RequestRecorder
from entrypoints.observability.traffic_metrics import PREDICTION_ROUTES, count_traffic, traffic_of
from entrypoints.web.app import create_app
from entrypoints.web.middleware.authentication import roles_for
from tests.support.examples import a_model, a_version
from tests.support.monitoring import NOW, traffic
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.dependencies import web_dependencies

MODELS = in_rollout(a_model(), a_served_rollout(a_model(900.0), 500))


def request(route="/stream", status="200", version="1", rows=3, code=None, role=None):
    context = RequestContext("id", "POST", route, NOW, route=route, status=status, seconds=0.0007, code=code)
    context.role = role
    if version:
        served = ServedModel(a_version(version), ModelOrigin.REGISTRY)
        context.record_predictions(predict_rows(served, [[0.1]] * rows, reject_unseen=False))
    return context


def counted(*contexts, models=MODELS):
    amounts = defaultdict(float)
    count_traffic(contexts, models, amounts)
    return traffic_of(amounts)


def test_request_counts_for_the_version_that_answered():
    assert counted(request(), request(version="2", rows=1)) == {
        "1": traffic(1, rows=3, seconds=0.0007),
        "2": traffic(1, rows=1, seconds=0.0007),
    }


@pytest.mark.parametrize(
    ("context", "version", "counts"),
    [
        (request(status="422", version=""), "", {"refused": 1}),
        (request(status="503", version="", code="overloaded"), "", {"failed": 1, "overloaded": 1}),
        (request(status="500", version="", code="internal_error"), "1", {"failed": 1}),
        (request(status="500", version="", code="internal_error", role=Role.CHALLENGER), "2", {"failed": 1}),
    ],
)
def test_refused_and_failed_requests_count_for_the_version_that_was_to_answer(context, version, counts):
    assert counted(context) == {version: traffic(1, seconds=0.0007, **counts)}


def test_failure_without_a_model_counts_for_no_version():
    failed = request(status="500", version="", code="internal_error")

    assert counted(failed, models=None) == {"": traffic(1, seconds=0.0007, failed=1)}


def test_labels_count_for_the_version_of_their_token():
    context = RequestContext("id", "POST", "/feedback", NOW, route="/feedback", status="202")
    context.label_counts = LabelCounts(errors={"1": ErrorSums(2, 25.0, 7.0), "0": ErrorSums(1, 4.0, 2.0)})

    assert counted(context) == {
        "1": Traffic(labels=2, squared_errors=25.0, absolute_errors=7.0),
        "0": Traffic(labels=1, squared_errors=4.0, absolute_errors=2.0),
    }


def test_other_routes_are_no_traffic():
    assert counted(request("/metrics"), request("/console/"), request("/health")) == {}


def test_routes_that_predict_are_those_whose_traffic_counts():
    app = create_app(web_dependencies())
    predicting = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if roles_for(rule.rule) == {KeyRole.PREDICT} and "POST" in rule.methods and rule.rule != "/feedback"
    }

    assert predicting == PREDICTION_ROUTES


def test_flush_adds_the_traffic_to_the_log_and_not_to_the_metrics():
    log = InMemoryTrafficLog()
    metrics = MetricsAggregator(log, lambda: NOW)
    recorder = RequestRecorder(metrics, CurrentModel())
    recorder.end(request())

    recorder.flush()

    assert log.read(MINUTES, 1, NOW + 60)["1"].total() == traffic(1, rows=3, seconds=0.0007)
    assert not [series for series in metrics.read()[0] if series[0] == "traffic"]
