"""Ids of requests, and the line in the log that each request leaves."""

import json
import logging
from types import SimpleNamespace

import pytest

from entrypoints.web.middleware.request_context import request_id, trace_id

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def lines(caplog, web):
    """A function that returns the lines of the access log."""
    caplog.set_level(logging.INFO, logger="endeavour.access")
    added = []
    web.request_recorder._log_writer = SimpleNamespace(dropped=0, add_all=added.extend)

    def flushed():
        web.request_recorder.flush()
        return [json.loads(line) for line in added]

    return flushed


def test_request_id_is_the_client_s_if_it_is_harmless():
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
    given = {"X-Request-Id": "mine", "traceparent": f"00-{TRACE}-{PARENT}-01"}
    response = one_feature.post("/batch", json={"X": [1, 2, 3]}, headers=given)

    (line,) = lines()
    assert response.headers["X-Request-Id"] == "mine"
    assert 0 < line.pop("ms") < 10_000
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "mine",
        "trace_id": TRACE,
        "route": "/batch",
        "method": "POST",
        "path": "/batch",
        "status": 200,
        "rows": 3,
        "version": "7",
    }


def test_route_is_a_rule_of_ours_and_a_refusal_has_its_code(one_feature, lines):
    requests = [
        ("POST", "/batch", {"X": [1]}, "/batch", 200, None),
        ("POST", "/stream", {"X": "a"}, "/stream", 400, "wrong_type"),
        ("POST", "/stream", {"X": [1, 2]}, "/stream", 422, "wrong_feature_count"),
        ("GET", "/stream", None, "other", 405, "method_not_allowed"),
        ("GET", "/stream/../../etc/passwd", None, "other", 404, "not_found"),
        ("GET", "/" + "x" * 5000, None, "other", 404, "not_found"),
        ("GET", "/health", None, "/health", 200, None),
    ]
    for method, path, body, *_ in requests:
        one_feature.open(path, method=method, json=body)

    logged = [(line["route"], line["status"], line["path"], line.get("code")) for line in lines()]
    assert logged == [(route, status, path[:200], code) for _, path, _, route, status, code in requests]
