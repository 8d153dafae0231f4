"""Rollout routes: the state at this host, and requests to the controller."""

from dataclasses import replace

import pytest

from adapters.shared_memory.rollout_stop import RolloutStop
from domain.delivery.rollout import MAX_TEXT_CHARACTERS
from entrypoints.web.app import create_app
from tests.support.examples import a_model
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.dependencies import web_dependencies

SERVED = a_served_rollout(a_model(900.0), weight=500, stage=2)
ROLLOUT = SERVED.rollout
FOLLOWED = in_rollout(a_model(), SERVED)
REFUSED = replace(FOLLOWED, rollout=None, challenger_problem="version 2 is damaged")
WITHOUT = in_rollout(a_model(), None)


@pytest.fixture
def stop():
    return RolloutStop()


@pytest.fixture
def web(stop):
    return web_dependencies(stop_rollout=stop.stop)


@pytest.fixture
def client(web):
    return create_app(web).test_client()


def test_state_and_what_the_host_makes_of_it_are_shown(web, client):
    web.current_model.replace(FOLLOWED)
    followed = client.get("/rollout").json

    web.current_model.replace(REFUSED)
    refused = client.get("/rollout").json

    assert {**followed, "host": None} == {**refused, "host": None}
    assert (followed["id"], followed["phase"], followed["stage"], followed["weight"]) == (ROLLOUT.id, "canary", 2, 5)
    assert followed["host"] == {"ready": True, "problem": "", "weight": 5}
    assert refused["host"] == {"ready": False, "problem": "version 2 is damaged", "weight": 0}


def test_request_is_counted_for_the_controller_and_an_abort_stops_this_host(web, client, stop):
    web.current_model.replace(FOLLOWED)
    for action, stopped in (("pause", False), ("resume", False), ("abort", True)):
        answer = client.post(f"/rollout/{action}", json={"why": "prices doubled"})

        assert (answer.status_code, answer.json) == (202, {"rollout": ROLLOUT.id, "action": action})
        assert stop.is_stopped(ROLLOUT.id) is stopped
    assert not stop.is_stopped("another")
    lines = client.get("/metrics").text.splitlines()
    assert 'endeavour_http_requests_total{route="/rollout/abort",status="202"} 1.0' in lines


def test_request_without_a_rollout_or_a_reason_is_refused(web, client, stop):
    web.current_model.replace(WITHOUT)
    without = [client.get("/rollout"), client.post("/rollout/abort", json={"why": "prices doubled"})]

    web.current_model.replace(FOLLOWED)
    for body, code in (
        ({}, "missing_field"),
        ({"why": " "}, "wrong_type"),
        ({"why": 1}, "wrong_type"),
        ({"why": "\x1b[31m"}, "wrong_type"),
        ({"why": "x" * (MAX_TEXT_CHARACTERS + 1)}, "wrong_type"),
        ({"why": "x", "by": "me"}, "unknown_field"),
        ([], "not_object"),
    ):
        answer = client.post("/rollout/abort", json=body)

        assert (answer.status_code, answer.json["code"]) == (400, code), body
    assert [(answer.status_code, answer.json["code"]) for answer in without] == 2 * [(404, "not_found")]
    assert client.post("/rollout/promote", json={"why": "x"}).status_code == 404
    assert not stop.is_stopped(ROLLOUT.id)
