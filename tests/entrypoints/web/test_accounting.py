import logging
import threading

import pytest
from flask import request

from application.predict import Predict
from entrypoints.metrics.figures import Figures
from entrypoints.web.facts import facts_of

HOSTILE = ["", " ", "a b", "a" * 65, 'a"b', "ä", "a,b", "<b>", "../x!", "a\tb"]


@pytest.fixture
def lines(caplog, objects):
    """Return a function that gives the lines of the access log."""
    caplog.set_level(logging.INFO, logger="endeavour.access")

    def entered():
        objects.books().enter()
        return [record for record in caplog.records if record.name == "endeavour.access"]

    return entered


@pytest.mark.parametrize("proposed", ["a", "0-9._A", "x" * 64])
def test_request_id_is_taken_over_from_the_client(one_feature, proposed):
    for path in ("/health", "/nowhere", "/stream"):
        assert one_feature.get(path, headers={"X-Request-Id": proposed}).headers["X-Request-Id"] == proposed


@pytest.mark.parametrize("proposed", HOSTILE)
def test_request_id_that_could_do_harm_is_replaced(one_feature, proposed):
    given = one_feature.get("/health", environ_overrides={"HTTP_X_REQUEST_ID": proposed}).headers["X-Request-Id"]

    assert given != proposed
    assert given.isalnum()


def test_request_ids_differ(one_feature):
    assert len({one_feature.get("/health").headers["X-Request-Id"] for _ in range(50)}) == 50


def test_prediction_is_one_line_in_the_log(one_feature, lines):
    one_feature.post("/batch", json={"X": [1, 2, 3]}, headers={"X-Request-Id": "mine"})

    (line,) = lines()
    assert line.getMessage() == "request"
    assert (line.request_id, line.method, line.path, line.status) == ("mine", "POST", "/batch", 200)
    assert (line.rows, line.version) == (3, "7")
    assert 0 < line.ms < 10_000


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/stream", 405)])
def test_refused_request_is_one_line_in_the_log_too(one_feature, lines, path, status):
    one_feature.get(path)

    (line,) = lines()
    assert (line.path, line.status) == (path, status)


def test_long_path_is_cut_in_the_log(one_feature, lines):
    one_feature.get("/" + "x" * 5000)

    assert len(lines()[0].path) == 200


TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "traceparent",
    [f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00", f"cc-{TRACE}-{PARENT}-01", f"01-{TRACE}-{PARENT}-ff-x.y"],
)
def test_trace_of_the_caller_is_in_the_log(one_feature, lines, traceparent):
    one_feature.post("/stream", json={"X": 1}, headers={"traceparent": traceparent})

    assert lines()[0].trace_id == TRACE


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "00",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}-01\n",
        f"ff-{TRACE}-{PARENT}-01",
        f"01-{TRACE}-{PARENT}-01more",
        f"00-{TRACE}-{PARENT}-01,00-{TRACE}-{PARENT}-01",
        f" 00-{TRACE}-{PARENT}-01",
    ],
)
def test_what_is_no_trace_to_the_letter_is_none(one_feature, lines, traceparent):
    one_feature.post("/stream", json={"X": 1}, environ_overrides={"HTTP_TRACEPARENT": traceparent})

    assert not hasattr(lines()[0], "trace_id")


@pytest.mark.parametrize(
    ("method", "path", "body", "route", "code"),
    [
        ("POST", "/batch", {"X": [1]}, "/batch", None),
        ("POST", "/stream", {"X": "a"}, "/stream", "wrong_type"),
        ("POST", "/stream", {"X": [1, 2]}, "/stream", "wrong_feature_count"),
        ("GET", "/stream", None, "other", "method_not_allowed"),
        ("GET", "/stream/../../etc/passwd", None, "other", "not_found"),
        ("GET", "/health", None, "/health", None),
    ],
)
def test_route_is_a_rule_of_ours_and_a_refusal_has_its_code(one_feature, lines, method, path, body, route, code):
    one_feature.open(path, method=method, json=body)

    assert (lines()[0].route, getattr(lines()[0], "code", None)) == (route, code)


def test_key_that_was_recognized_is_in_the_log(one_feature, lines):
    @one_feature.application.before_request
    def recognize():
        facts_of(request.environ).key = "k1"

    one_feature.post("/stream", json={"X": 1})

    assert lines()[0].key == "k1"


def test_unexpected_exception_is_counted_as_the_500_it_becomes(one_feature, objects, mocker):
    one_feature.application.testing = False
    one_feature.application.config["PROPAGATE_EXCEPTIONS"] = False
    mocker.patch.object(Predict, "__call__", autospec=True, side_effect=ZeroDivisionError)

    one_feature.post("/stream", json={"X": 1})
    objects.books().enter()

    assert objects.figures().read()[0]["requests", "/stream", "500"] == 1
    assert objects.figures().read()[0]["refused", "internal_error"] == 1


def test_requests_are_in_flight_until_they_are_answered(one_feature, objects):
    seen = []

    @one_feature.application.before_request
    def look():
        objects.books().enter()
        seen.extend(objects.figures().read()[1])

    one_feature.post("/stream", json={"X": 1})
    objects.books().enter()

    assert [word["in_flight"] for word in (*seen, *objects.figures().read()[1])] == [1, 0]


def test_metrics_are_those_of_all_that_went_before(one_feature):
    for path, body in (("/stream", {"X": 1}), ("/batch", {"X": [1, 2]}), ("/batch", {}), ("/nowhere", {})):
        one_feature.post(path, json=body)

    answer = one_feature.get("/metrics")

    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert 'endeavour_requests_total{route="/batch",status="200"} 1.0' in lines
    assert 'endeavour_rows_total{route="/batch"} 2.0' in lines
    assert 'endeavour_refused_total{code="missing_field"} 1.0' in lines
    assert 'endeavour_requests_total{route="other",status="404"} 1.0' in lines
    assert 'endeavour_model_info{source="registry",version="7"} 1.0' in lines


def test_metrics_that_the_parent_process_does_not_send_in_time_are_503(one_feature, mocker):
    mocker.patch.object(Figures, "scrape", autospec=True, side_effect=TimeoutError)

    answer = one_feature.get("/metrics")

    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "overloaded", "1")


def test_counts_that_are_not_taken_are_reported_with_the_next(one_feature, objects, mocker):
    one_feature.get("/health")
    mocker.patch.object(Figures, "add", autospec=True, side_effect=TimeoutError)
    with pytest.raises(TimeoutError):
        objects.books().enter()
    mocker.stopall()

    one_feature.get("/health")
    objects.books().enter()

    assert objects.figures().read()[0]["requests", "/health", "200"] == 2


def test_nothing_that_a_client_makes_up_becomes_a_label(one_feature, objects):
    for number in range(30):
        one_feature.open(f"/made-up-{number}", method=f"M{number}", headers={"X-Request-Id": f"id-{number}"})
        one_feature.post("/stream", json={f"made-up-{number}": 1})
    objects.books().enter()

    names = "".join("".join(series) for series in objects.figures().read()[0])
    assert not any(word in names for word in ("made-up", "id-", "M1"))


def test_entries_of_many_threads_are_all_kept(one_feature, objects):
    def ask():
        client = one_feature.application.test_client()
        for _ in range(50):
            client.get("/health")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        objects.books().enter()
    objects.books().enter()

    assert objects.figures().read()[0]["requests", "/health", "200"] == 400
    assert objects.figures().read()[1][0]["in_flight"] == 0
