import json
import logging
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from flask import request

from application.serving.predict import Predict
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.request_context import context_of
from entrypoints.web.middleware.request_context import request_id, trace_id

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def lines(caplog, web):
    """Return a function that gives the lines of the access log."""
    caplog.set_level(logging.INFO, logger="endeavour.access")
    added = []
    web.request_recorder._log_writer = SimpleNamespace(dropped=0, add_all=added.extend)

    def entered():
        web.request_recorder.flush()
        return [json.loads(line) for line in added]

    return entered


@pytest.fixture
def sums(web):
    """Return a function that gives the sum of each series."""

    def entered():
        web.request_recorder.flush()
        return web.metrics.read()[0]

    return entered


def test_request_id_is_the_clients_where_it_can_do_no_harm():
    harmless, hostile = ["a", "0-9._A", "x" * 64], ["", " ", "a b", "a" * 65, 'a"b', "ä", "a,b", "<b>", "../x!", "a\tb"]

    assert [request_id(text) for text in harmless] == harmless
    made = [request_id(text) for text in [*hostile, None] * 10]
    assert all(text.isalnum() for text in made)
    assert len(set(made)) == len(made)


def test_trace_id_is_that_of_a_well_formed_traceparent():
    parent = f"00-{TRACE}-{PARENT}-01"
    good = [parent, f"{parent[:-1]}0", f"cc{parent[2:]}", f"01{parent[2:]}-x.y"]
    wrong_ids = [parent.replace(TRACE, "0" * 32), parent.replace(PARENT, "0" * 16), parent.upper()]
    wrong_ends = ["", parent[:-1], f"{parent}\n", f"{parent}-more", f"01{parent[2:]}more", f"{parent},{parent}"]
    malformed = [None, *wrong_ids, *wrong_ends, "00", f" {parent}", f"ff{parent[2:]}"]

    assert {text: trace_id(text) for text in good} == dict.fromkeys(good, TRACE)
    assert {text: trace_id(text) for text in malformed} == dict.fromkeys(malformed)


def test_prediction_is_one_line_in_the_log(one_feature, lines):
    @one_feature.application.before_request
    def recognize():
        context_of(request.environ).key = "k1"

    given = {"X-Request-Id": "mine", "traceparent": f"00-{TRACE}-{PARENT}-01"}
    answer = one_feature.post("/batch", json={"X": [1, 2, 3]}, headers=given)

    (line,) = lines()
    assert answer.headers["X-Request-Id"] == "mine"
    assert 0 < line.pop("ms") < 10_000
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "mine",
        "trace_id": TRACE,
        "key": "k1",
        "route": "/batch",
        "method": "POST",
        "path": "/batch",
        "status": 200,
        "rows": 3,
        "version": "7",
    }


def test_level_silences_the_line_but_not_the_count(one_feature, caplog, lines, sums):
    caplog.set_level(logging.WARNING, logger="endeavour.access")

    one_feature.get("/health")

    assert lines() == []
    assert sums()["http_requests", "/health", "200"] == 1


def test_dropped_lines_are_counted(web, lines, sums):
    for dropped in (5, 7):
        web.request_recorder._log_writer.dropped = dropped
        lines()

    assert sums()["log_lines_dropped",] == 7


@pytest.mark.parametrize(
    ("method", "path", "body", "route", "status", "code"),
    [
        ("POST", "/batch", {"X": [1]}, "/batch", 200, None),
        ("POST", "/stream", {"X": "a"}, "/stream", 400, "wrong_type"),
        ("POST", "/stream", {"X": [1, 2]}, "/stream", 422, "wrong_feature_count"),
        ("GET", "/stream", None, "other", 405, "method_not_allowed"),
        ("GET", "/stream/../../etc/passwd", None, "other", 404, "not_found"),
        ("GET", "/" + "x" * 5000, None, "other", 404, "not_found"),
        ("GET", "/health", None, "/health", 200, None),
    ],
)
def test_route_is_a_rule_of_ours_and_a_refusal_has_its_code(
    one_feature, lines, method, path, body, route, status, code
):
    one_feature.open(path, method=method, json=body)

    (line,) = lines()
    assert (line["route"], line["status"], line["path"], line.get("code")) == (route, status, path[:200], code)


def test_unexpected_exception_is_counted_as_the_500_it_becomes(one_feature, sums, mocker):
    one_feature.application.testing = False
    one_feature.application.config["PROPAGATE_EXCEPTIONS"] = False
    mocker.patch.object(Predict, "__call__", autospec=True, side_effect=ZeroDivisionError)

    one_feature.post("/stream", json={"X": 1})

    assert sums()["http_requests", "/stream", "500"] == 1
    assert sums()["http_errors", "internal_error"] == 1


def test_requests_are_in_flight_until_they_are_answered(one_feature, web):
    seen = []

    @one_feature.application.before_request
    def look():
        web.request_recorder.flush()
        seen.extend(web.metrics.read()[1])

    one_feature.post("/stream", json={"X": 1})
    web.request_recorder.flush()

    assert [state["in_flight"] for state in (*seen, *web.metrics.read()[1])] == [1, 0]


def test_metrics_are_those_of_all_that_went_before(one_feature):
    for path, body in (("/stream", {"X": 1}), ("/batch", {"X": [1, 2]}), ("/batch", {}), ("/nowhere", {})):
        one_feature.post(path, json=body)

    answer = one_feature.get("/metrics")

    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert 'endeavour_http_requests_total{route="/batch",status="200"} 1.0' in lines
    assert 'endeavour_predictions_total{route="/batch"} 2.0' in lines
    assert 'endeavour_http_errors_total{code="missing_field"} 1.0' in lines
    assert 'endeavour_http_requests_total{route="other",status="404"} 1.0' in lines
    assert 'endeavour_http_request_duration_seconds_count{route="/batch"} 2.0' in lines
    assert 'endeavour_model_info{source="registry",version="7"} 1.0' in lines


def test_metrics_that_the_parent_process_does_not_send_in_time_are_503(one_feature, mocker):
    mocker.patch.object(MetricsAggregator, "scrape", autospec=True, side_effect=TimeoutError)

    answer = one_feature.get("/metrics")

    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "overloaded", "1")


def test_counts_that_are_not_taken_are_reported_with_the_next(one_feature, web, sums, mocker):
    one_feature.get("/health")
    mocker.patch.object(MetricsAggregator, "add", autospec=True, side_effect=TimeoutError)
    with pytest.raises(TimeoutError):
        web.request_recorder.flush()
    mocker.stopall()

    one_feature.get("/health")

    assert sums()["http_requests", "/health", "200"] == 2


def test_nothing_that_a_client_makes_up_becomes_a_label(one_feature, sums):
    for number in range(30):
        one_feature.open(f"/made-up-{number}", method=f"M{number}", headers={"X-Request-Id": f"id-{number}"})
        one_feature.post("/stream", json={f"made-up-{number}": 1})

    names = "".join("".join(series) for series in sums())
    assert not any(word in names for word in ("made-up", "id-", "M1"))


def test_entries_of_many_threads_are_all_kept(one_feature, web, sums):
    def ask(_):
        one_feature.application.test_client().get("/health")
        web.request_recorder.flush()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(400)))

    assert sums()["http_requests", "/health", "200"] == 400
    assert web.metrics.read()[1][0]["in_flight"] == 0
